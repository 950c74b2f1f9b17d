;; FAIL: component embed wit/run.wit % | tenon component new -
;; Names of before the component model.
(module
  (import "canonical_abi" "resource_drop_x" (func (param i32)))
  (func (export "run") (result i32) i32.const 0))
