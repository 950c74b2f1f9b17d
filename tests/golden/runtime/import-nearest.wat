;; FAIL: run --link provider.wat --invoke "f()" %
;; A function that another component has under another name, and one of another type.
(component
  (import "my:pkg/store@2.0.0" (instance (export "gett" (func (result u32)))))
  (core module $M (func (export "f")))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f"))))
