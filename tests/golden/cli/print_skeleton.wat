;; RUN: print --skeleton %
;; RUN: parse % | tenon print --skeleton - | tail -12
;; Imports, exports and signatures alone, in a component and in the modules inside of it: no bodies,
;; no data, no custom sections.
(component
  (type $point (record (field "x" s32) (field "y" s32)))
  (import "ns:pkg/draw@1.0.0" (instance (export "line" (func (param "length" u32)))))
  (core module $m
    (import "env" "log" (func $log (param i32)))
    (memory (export "memory") 2)
    (global $state (mut i32) (i32.const 7))
    (func $helper (param i32) (call $log (local.get 0)))
    (func (export "run") (param i32) (result i32)
      (call $helper (local.get 0))
      (global.get $state))
    (data (i32.const 16) "a long text that nobody wants to see")
    (@custom "notes" "as little this"))
  (component $inner
    (core module (func (export "f") (nop) (nop)))
    (import "x" (func)))
  (core module $n
    (func (export "run") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $n))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $i "run"))))
