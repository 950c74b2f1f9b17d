;; FAIL: run %
;; FAIL: run --invoke 'f()' %
;; What no version of WASI in tenon has is named with its package and version; what it has is not.
(component
  (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))
  (import "wasi:http/types@0.2.3" (instance (export "f" (func (result u64)))))
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance (export "now" (func (result u64)))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func (export "f") (canon lift (core func $i "f"))))
