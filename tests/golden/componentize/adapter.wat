;; RUN: component embed wit/adapter.wit adapter.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm | tenon print -
;; RUN: component new %t/main.wasm --adapt old=%t/old.wasm | tenon wit print -
;; Of an adapter only what the module uses stays: functions, its imports, and their interfaces.
;; Its stack comes from the module's allocator.
(module
  (import "old" "time_get" (func $time (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
  (func (export "run") (result i32) (call $time (i32.const 8))))
