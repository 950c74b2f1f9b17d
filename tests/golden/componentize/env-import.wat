;; FAIL: component embed wit/run.wit % | tenon component new -
;; A symbol that the linker did not find.
(module
  (import "env" "compute" (func (result i32)))
  (func (export "run") (result i32) call 0))
