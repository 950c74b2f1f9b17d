;; RUN: inspect %
;; RUN: inspect % --functions 2 | sed -n '/functions/,/^$/p'
;; RUN: inspect % --functions 1 --format json | sed -n '/"functions"/,$p'
;; FAIL(2): inspect % --functions many
;; Where the bytes of a component go: sections inside each other, the functions of all its modules
;; by size, named by the name section or else by an export.
(component
  (import "log" (func $log (param "code" u32)))
  (core module $small
    (func (export "tick")))
  (core module $large
    (import "host" "log" (func $log (param i32)))
    (func $sum (param i32 i32) (result i32)
      (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 1000000))))
    (func (export "run") (param i32) (result i32)
      (call $log (local.get 0))
      (call $sum (local.get 0) (i32.const 1))))
  (core func $lowered (canon lower (func $log)))
  (core instance $host (export "log" (func $lowered)))
  (core instance $i (instantiate $large (with "host" (instance $host))))
  (func $run (param "x" u32) (result u32) (canon lift (core func $i "run")))
  (export "run" (func $run)))
