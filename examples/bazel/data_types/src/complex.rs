use data_types_component_bindings::exports::data::types::operations::{
    Guest, Point, CalculationResult, OperationType
};

struct DataProcessor;

impl Guest for DataProcessor {
    fn calculate_batch(
        operations: Vec<OperationType>, 
        values: Vec<Point>
    ) -> Vec<CalculationResult> {
        operations.iter().zip(values.iter())
            .map(|(op, point)| {
                match op {
                    OperationType::Add => CalculationResult::Success(point.x + point.y),
                    OperationType::Subtract => CalculationResult::Success(point.x - point.y),
                    OperationType::Multiply => CalculationResult::Success(point.x * point.y),
                    OperationType::Divide => {
                        if point.y == 0.0 {
                            CalculationResult::Error("Division by zero".to_string())
                        } else {
                            CalculationResult::Success(point.x / point.y)
                        }
                    }
                }
            })
            .collect()
    }
}

data_types_component_bindings::export!(DataProcessor with_types_in data_types_component_bindings);
