;; FAIL: run %
;; A function that a later version of an interface may have: the error says which version tenon gives.
(component
  (import "wasi:clocks/monotonic-clock@0.2.99" (instance
    (export "now" (func (result u64)))
    (export "elapsed" (func (result u64))))))
