;; RUN: parse % | tenon print -
;; FAIL: validate % --features wasm3
;; Groups of imports keep their form; they need the gate `compact-imports`.
(module
  (import "m"
    (item "a" (func $a (param i32)))
    (item "b" (global $b i32)))
  (import "m"
    (item "c" (@name "see"))
    (item "d")
    (func (result i64)))
  (import "n")
  (func (export "f")
    (call $a (global.get $b))))
