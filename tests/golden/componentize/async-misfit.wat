;; FAIL: component embed wit/run.wit % | tenon component new -
;; What is not async in the world is not called as async.
(module
  (import "a:b/logger" "[async-lower]flush" (func (result i32)))
  (func (export "run") (result i32) i32.const 0))
