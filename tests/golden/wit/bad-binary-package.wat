;; FAIL: wit print %
;; A package in binary holds component types alone.
(component
  (type (component (type (instance)) (export "not-an-id" (instance (type 0)))))
  (export "i" (type 0)))
