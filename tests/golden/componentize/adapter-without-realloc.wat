;; RUN: component embed wit/adapter.wit adapter.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm | tenon print -
;; Without an allocator the adapter's stack is a new page of memory.
(module
  (import "old" "time_get" (func $time (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (call $time (i32.const 8))))
