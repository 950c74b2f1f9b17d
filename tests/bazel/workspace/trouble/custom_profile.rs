// SPDX-License-Identifier: Apache-2.0
// Names the bindings of another target.
use calculator_component_bindings::exports::calculator::math::calculator::Guest;

struct Calculator;

calculator_component_bindings::export!(Calculator with_types_in calculator_component_bindings);
