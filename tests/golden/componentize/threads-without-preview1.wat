;; FAIL: component new %
;; A module for wasi-threads that imports nothing of preview 1: no WIT would make a component of it.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 2 16 shared)
  (func (export "_start") (drop (call $spawn (i32.const 7)))))
