;; RUN: component embed wit/two-reallocs.wit % -o %t/in.wasm
;; FAIL: component new %t/in.wasm
;; What is called `cabi_realloc` has another type.
(module
  (memory (export "memory") 1)
  (func (export "hear") (param i32 i32))
  (func (export "cabi_realloc") (param i32 i32) (result i32) (i32.const 1024)))
