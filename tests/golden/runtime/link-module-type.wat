;; FAIL: run --link link-module-reference.wat --invoke "f(1)" %
;; FAIL: run --link link-module-kind.wat --invoke "f(1)" %
;; A module goes in for another only when its type matches: a reference is no integer, a memory is not a function.
(component
  (import "m" (core module $m (export "f" (func (param i64) (result i64)))))
  (core instance $i (instantiate $m))
  (func (export "f") (param "x" u64) (result u64) (canon lift (core func $i "f"))))
