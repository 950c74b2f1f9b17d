;; FAIL: component embed wit/calculator.wit % | tenon component new -
;; A function under nearly the right name.
(module
  (memory (export "memory") 1)
  (func (export "calculator:math/ops@1.1.0#divide") (param f64 f64) (result i32) i32.const 0))
