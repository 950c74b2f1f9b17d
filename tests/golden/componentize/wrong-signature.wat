;; FAIL: component embed wit/calculator.wit % | tenon component new -
;; Functions have the core types that their WIT types flatten to.
(module
  (memory (export "memory") 1)
  (func (export "calculator:math/ops@1.0.0#divide") (param f64 i32) (result f64) local.get 0))
