;; RUN: component embed wit/calculator.wit % | tenon component new - | tenon print -
;; A module and its world become a component; what it returns is freed by its post-return.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "calculator:math/ops@1.0.0#divide") (param f64 f64) (result i32) i32.const 0)
  (func (export "cabi_post_calculator:math/ops@1.0.0#divide") (param i32)))
