;; FAIL: run --link provider.wat --invoke "f()" %
;; The version that there is does not fit the one that is wanted.
(component
  (import "my:pkg/store@1.2.0" (instance (export "get" (func (result u32)))))
  (core module $M (func (export "f")))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f"))))
