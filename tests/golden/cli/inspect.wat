;; RUN: inspect %
;; RUN: inspect % --format json
;; RUN: parse % | tenon inspect - | head -3
;; What a module imports and exports, from text as from a binary.
(module
  (import "env" "mem" (memory 1 2))
  (import "env" "log" (func (param i32)))
  (table (export "t") 1 funcref)
  (func (export "run") (param i64) (result f32) f32.const 0)
  (data (i32.const 0) "hello"))
