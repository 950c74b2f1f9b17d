;; FAIL: component embed wit/ops.wit % | tenon component new -
;; The interface is there, in a version without the function.
(module
  (import "a:b/ops@1.0.0" "remove-all" (func $f (param i32)))
  (func (export "run") (call $f (i32.const 1))))
