use memory_component_bindings::exports::calculator::memory::batch::Guest;

struct OptimizedCalculator;

// Use smaller allocator for WebAssembly
#[global_allocator]
static ALLOC: wee_alloc::WeeAlloc = wee_alloc::WeeAlloc::INIT;

// Minimize memory allocations
impl Guest for OptimizedCalculator {
    fn batch_calculate(operations: Vec<f64>) -> Vec<f64> {
        // Pre-allocate result vector
        let mut results = Vec::with_capacity(operations.len());

        for &value in &operations {
            results.push(value * 2.0);
        }

        results
    }
}

memory_component_bindings::export!(OptimizedCalculator with_types_in memory_component_bindings);
