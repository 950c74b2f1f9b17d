use calculator_component_bindings::exports::calculator::math::calculator::Guest;

struct AdvancedCalculator;

impl Guest for AdvancedCalculator {
    fn power(base: f64, exponent: f64) -> Result<f64, String> {
        if base == 0.0 && exponent < 0.0 {
            return Err("Cannot raise zero to negative power".to_string());
        }
        
        let result = base.powf(exponent);
        
        if result.is_infinite() {
            Err("Result overflow".to_string())
        } else if result.is_nan() {
            Err("Invalid operation".to_string())
        } else {
            Ok(result)
        }
    }

    fn sqrt(value: f64) -> Result<f64, String> {
        if value < 0.0 {
            Err("Cannot calculate square root of negative number".to_string())
        } else {
            Ok(value.sqrt())
        }
    }
}

calculator_component_bindings::export!(AdvancedCalculator with_types_in calculator_component_bindings);
