;; RUN: component embed wit/two-reallocs.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm | tenon print -
;; `cabi_import_realloc` serves what imports give back, `cabi_export_realloc` what exports take.
(module
  (import "$root" "name" (func $name (param i32)))
  (memory (export "memory") 1)
  (func (export "hear") (param i32 i32))
  (func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "cabi_export_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2048)))
