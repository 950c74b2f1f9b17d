use calculator_component_bindings::exports::calculator::cached::cache::Guest;
use std::collections::HashMap;

static mut CACHE: Option<HashMap<String, f64>> = None;

#[export_name = "initialize_calculator"]
pub extern "C" fn initialize_calculator() {
    unsafe {
        CACHE = Some(HashMap::new());
        // Pre-compute common values
        let cache = (*std::ptr::addr_of_mut!(CACHE)).as_mut().unwrap();
        cache.insert("pi".to_string(), std::f64::consts::PI);
        cache.insert("e".to_string(), std::f64::consts::E);
        // Time is WASI's: the target is wasm32-wasi, where a HashMap asks for random bytes.
        cache.insert("second".to_string(), std::time::Duration::from_secs(1).as_secs_f64());
    }
}

struct Calculator;

impl Guest for Calculator {
    fn lookup(name: String) -> Option<f64> {
        unsafe { (*std::ptr::addr_of!(CACHE)).as_ref().and_then(|cache| cache.get(&name).copied()) }
    }

    fn initialise_and_lookup(name: String) -> Option<f64> {
        initialize_calculator();
        Self::lookup(name)
    }
}

calculator_component_bindings::export!(Calculator with_types_in calculator_component_bindings);
