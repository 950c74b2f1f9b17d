;; RUN: component embed wit/adapter.wit adapter-dead-code.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; FAIL: component new %t/main.wasm --adapt %t/old.wasm
;; What is needed of an adapter has to be valid.
(module
  (import "old" "grow" (func $seven (result i32)))
  (func (export "run") (result i32) (call $seven)))
