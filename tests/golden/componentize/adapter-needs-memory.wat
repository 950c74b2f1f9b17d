;; RUN: component embed wit/adapter-list.wit adapter-needs-memory.wat.in -w old -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; FAIL: component new %t/main.wasm --adapt %t/old.wasm
;; An adapter passes lists, and the module has no memory for them.
(module
  (import "old" "log" (func $log (param i32 i32)))
  (func (export "run") (result i32) (call $log (i32.const 0) (i32.const 0)) (i32.const 1)))
