;; RUN: run --features cm-values --invoke "result()" %
;; A start function doubles a value while the component is instantiated.
(component
  (core module $M
    (global $seen (mut i32) (i32.const 0))
    (func (export "start") (param i32) (result i32)
      (global.set $seen (local.get 0))
      (i32.mul (local.get 0) (i32.const 2)))
    (func (export "keep") (param i32) (global.set $seen (local.get 0)))
    (func (export "result") (result i32) (global.get $seen)))
  (core instance $m (instantiate $M))
  (func $start (param "x" u32) (result u32) (canon lift (core func $m "start")))
  (func $keep (param "x" u32) (canon lift (core func $m "keep")))
  (value $x u32 21)
  (start $start (value $x) (result (value $y)))
  (start $keep (value $y))
  (func (export "result") (result u32) (canon lift (core func $m "result"))))
