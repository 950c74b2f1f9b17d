;; FAIL: run --link provider.wat --invoke "f()" %
(component
  (import "my:pkg/store@2.0.0" (instance (export "get" (func (param "n" u32) (result string)))))
  (core module $M (func (export "f")))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f"))))
