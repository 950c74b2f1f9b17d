// SPDX-License-Identifier: Apache-2.0
use no_export_bindings::exports::calculator::math::calculator::Guest;

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
