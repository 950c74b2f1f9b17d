;; FAIL: parse %
;; A function of an enclosing component cannot be reached from inside.
(component
  (import "f" (func $f))
  (component
    (export "g" (func $f))))
