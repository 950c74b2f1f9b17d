;; RUN: component embed wit/adapter.wit adapter-needs-export.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; FAIL: component new %t/main.wasm --adapt %t/old.wasm
;; An adapter for commands, and a module that is none.
(module
  (import "old" "again" (func $again))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (call $again) (i32.const 1)))
