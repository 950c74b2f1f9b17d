;; RUN: wast % -f cm-values
;; What exports a value gives it away for good: it holds no `borrow`, wherever the export stands.
(assert_invalid
  (component
    (type (component
      (export "r" (type $r (sub resource)))
      (type $b (borrow $r))
      (export "v" (value (type $b))))))
  "exported value type cannot contain a `borrow` type")
(assert_invalid
  (component
    (type (instance
      (export "r" (type $r (sub resource)))
      (type $b (borrow $r))
      (type $t (tuple $b))
      (export "v" (value (type $t))))))
  "exported value type cannot contain a `borrow` type")
(assert_invalid
  (component
    (import "r" (type $r (sub resource)))
    (type $b (borrow $r))
    (import "v" (value $v (type $b)))
    (export "w" (value $v)))
  "exported value type cannot contain a `borrow` type")
(assert_invalid
  (component
    (import "r" (type $r (sub resource)))
    (type $b (borrow $r))
    (import "v" (value $v (type $b)))
    (instance (export "v" (value $v))))
  "exported value type cannot contain a `borrow` type")
(component definition
  (import "r" (type $r (sub resource)))
  (type $o (own $r))
  (import "v" (value $v (type $o)))
  (export "w" (value $v)))
