;; FAIL: validate %
;; Core exports have names of their own.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (core instance (export "g" (func $i "f")) (export "g" (func $i "f"))))
