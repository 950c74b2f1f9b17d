// SPDX-License-Identifier: Apache-2.0
use initialised_component_bindings::exports::local::doubles::math::Guest;

static mut FACTOR: u32 = 0;

#[export_name = "fill"]
pub extern "C" fn fill() {
    unsafe { FACTOR = 2 }
}

struct Doubles;

impl Guest for Doubles {
    fn double(x: u32) -> u32 {
        x * unsafe { FACTOR }
    }
}

initialised_component_bindings::export!(Doubles with_types_in initialised_component_bindings);
