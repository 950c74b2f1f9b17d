;; FAIL: validate %
;; Arguments have names of their own.
(component
  (import "f" (func $f))
  (component $c (import "a" (func)))
  (instance (instantiate $c (with "a" (func $f)) (with "a" (func $f)))))
