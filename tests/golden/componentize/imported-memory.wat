;; RUN: component embed wit/imported-memory.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: print %t/out.wasm
;; A module linked with `--import-memory` gets its memory from the component. It may call its imports
;; while it starts: only the allocator has to wait.
(module
  (import "env" "memory" (memory 1 2))
  (import "$root" "name" (func $name (param i32)))
  (import "$root" "say" (func $say (param i32 i32)))
  (func $start (call $say (i32.const 0) (i32.const 2)))
  (func (export "run") (result i32) (call $name (i32.const 8)) (i32.load (i32.const 12)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (data (i32.const 0) "hi")
  (start $start))
