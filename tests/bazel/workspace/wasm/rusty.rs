// SPDX-License-Identifier: Apache-2.0
use rusty_bindings::exports::local::doubles::math::Guest;

struct Doubles;

impl Guest for Doubles {
    fn double(x: u32) -> u32 {
        twice::twice(x)
    }
}

rusty_bindings::export!(Doubles with_types_in rusty_bindings);
