// SPDX-License-Identifier: Apache-2.0
use bound_bindings::exports::local::doubles::math::Guest;

struct Doubles;

impl Guest for Doubles {
    fn double(x: u32) -> u32 {
        x * 2
    }
}

bound_bindings::export!(Doubles with_types_in bound_bindings);
