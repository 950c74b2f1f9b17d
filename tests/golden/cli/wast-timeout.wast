;; FAIL: wast --timeout 200ms %
;; What never ends fails: a thread that waits and is never notified, and loops in a module and in a component.
(module $M (memory (export "m") 1 1 shared))
(register "m" $M)
(thread $T (shared (module $M))
  (register "m" $M)
  (module (import "m" "m" (memory 1 1 shared))
    (func (export "w") (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
  (assert_return (invoke "w") (i32.const 0)))
(wait $T)
(module (func (export "f") (loop br 0)))
(assert_trap (invoke "f") "interrupted")
(module (func $f (loop br 0)) (start $f))
(component
  (core module $M (func (export "f") (loop br 0)))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f"))))
(assert_return (invoke "f"))
