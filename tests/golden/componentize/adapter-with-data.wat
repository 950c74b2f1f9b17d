;; RUN: component embed wit/adapter.wit % -o %t/old.wasm
;; RUN: component embed wit/run.wit adapter-without-realloc.wat -o %t/main.wasm
;; FAIL: component new %t/main.wasm --adapt %t/old.wasm
;; An adapter has no data of its own: it lives in the main module's memory.
(module
  (import "env" "memory" (memory 0))
  (data (i32.const 0) "x")
  (func (export "time_get") (param i32) (result i32) i32.const 0))
