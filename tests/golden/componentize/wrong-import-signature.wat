;; FAIL: component embed wit/run.wit % | tenon component new -
;; An import that was built against another WIT.
(module
  (import "a:b/logger" "log" (func (param i32 i64)))
  (func (export "run") (result i32) i32.const 0))
