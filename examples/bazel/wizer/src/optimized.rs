use calculator_component_bindings::exports::calculator::math::calculator::Guest;
use std::collections::HashMap;

static mut CACHE: Option<HashMap<String, f64>> = None;

#[export_name = "initialize_calculator"]
pub extern "C" fn initialize_calculator() {
    unsafe {
        CACHE = Some(HashMap::new());
        // Pre-compute common values
        let cache = CACHE.as_mut().unwrap();
        cache.insert("pi".to_string(), std::f64::consts::PI);
        cache.insert("e".to_string(), std::f64::consts::E);
    }
}

struct Calculator;

fn cached(name: &str) -> Option<f64> {
    unsafe { (*std::ptr::addr_of!(CACHE)).as_ref().and_then(|cache| cache.get(name).copied()) }
}

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

    /// Without a divisor: what the initialisation left, by its number.
    fn divide(a: f64, b: f64) -> Result<f64, String> {
        if b == 0.0 {
            let name = if a == 0.0 { "pi" } else { "e" };
            cached(name).ok_or_else(|| "nothing was initialised".to_string())
        } else {
            Ok(a / b)
        }
    }
}

calculator_component_bindings::export!(Calculator with_types_in calculator_component_bindings);
