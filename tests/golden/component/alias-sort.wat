;; FAIL: validate %
;; A type may alias types and instances only.
(component
  (import "i" (instance $i (export "f" (func))))
  (type (instance
    (export "i" (instance $j (export "f" (func))))
    (alias export $j "f" (func)))))
