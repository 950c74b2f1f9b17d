;; FAIL(134): run --features cm-values --invoke "f()" %
;; A start function that traps: there is no instance.
(component
  (core module $M (func (export "start") (param i32) unreachable) (func (export "f")))
  (core instance $m (instantiate $M))
  (func $start (param "x" u32) (canon lift (core func $m "start")))
  (value $x u32 21)
  (start $start (value $x))
  (func (export "f") (canon lift (core func $m "f"))))
