;; RUN: component embed wit/adapter.wit adapter.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; FAIL: component new %t/main.wasm --adapt %t/old.wasm
;; An adapter that is too old for the module.
(module
  (import "old" "sched_yield" (func (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) call 0))
