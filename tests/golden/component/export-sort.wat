;; FAIL: validate %
;; Of the core sorts, only modules are exported.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (export "f" (core func $i "f")))
