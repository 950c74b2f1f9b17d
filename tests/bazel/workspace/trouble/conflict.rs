// SPDX-License-Identifier: Apache-2.0
use conflict_bindings::exports::calculator::math::calculator::Guest;

mod calculator;

struct Calculator;

impl Guest for Calculator {
    fn add(a: f64, b: f64) -> f64 {
        a + b
    }
    fn subtract(a: f64, b: f64) -> f64 {
        a - b
    }
    fn multiply(a: f64, b: f64) -> f64 {
        a * b
    }
    fn divide(_: f64, _: f64) -> Result<f64, String> {
        Err(String::new())
    }
}
conflict_bindings::export!(Calculator with_types_in conflict_bindings);
