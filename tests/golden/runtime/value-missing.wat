;; FAIL: run --features cm-values --invoke "f()" %
;; A value that nobody gives.
(component
  (import "port" (value $port u16))
  (core module $M (func (export "f")))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f")))
  (export "port-again" (value $port)))
