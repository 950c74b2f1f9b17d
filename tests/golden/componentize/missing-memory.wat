;; FAIL: component embed wit/calculator.wit % | tenon component new -
;; Strings need a memory.
(module
  (func (export "calculator:math/ops@1.0.0#divide") (param f64 f64) (result i32) i32.const 0))
