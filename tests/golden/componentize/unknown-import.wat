;; FAIL: component embed wit/run.wit % | tenon component new -
;; An interface that the world does not import, nearly.
(module
  (import "a:b/loger" "flush" (func))
  (func (export "run") (result i32) i32.const 0))
