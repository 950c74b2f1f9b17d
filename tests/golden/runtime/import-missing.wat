;; FAIL: run --invoke "f()" %
;; What is imported with its signature, and what there is.
(component
  (import "my:pkg/store@1.2.0" (instance
    (export "get" (func (param "key" string) (result (option (list u8)))))
    (export "put" (func (param "key" string) (param "value" (list u8))))))
  (core module $M (func (export "f")))
  (core instance $m (instantiate $M))
  (func (export "f") (canon lift (core func $m "f"))))
