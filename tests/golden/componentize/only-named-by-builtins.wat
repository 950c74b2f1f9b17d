;; RUN: component embed wit/only-named.wit % --all-features -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm; tenon wit print %t/out.wasm
;; The built-ins of streams and futures name imported functions for the sake of their types. Those
;; that nobody calls, and what they alone need, are not imported.
(module
  (import "$root" "[stream-new-0]uncalled" (func (result i64)))
  (import "$root" "[future-drop-readable-1]called" (func (param i32)))
  (import "$root" "called" (func (param i32 i32) (result i32)))
  (import "example:only-named/i" "[future-new-0][static]request.send" (func (result i64)))
  (func (export "go")))
