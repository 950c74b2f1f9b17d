;; RUN: wast %
;; An import names no type that only an export made visible; the type that was exported it may name.
(assert_invalid
  (component
    (type (component
      (import "a" (type $a (sub resource)))
      (export "b" (type $b (eq $a)))
      (import "c" (type $c (eq $b))))))
  "type not valid to be used as import")
(assert_invalid
  (component
    (type $r (record (field "x" u32)))
    (export $b "b" (type $r))
    (import "c" (type (eq $b))))
  "type not valid to be used as import")
(assert_invalid
  (component
    (type $l (list u8))
    (export $b "b" (type $l))
    (import "c" (type (eq $b))))
  "type not valid to be used as import")
(assert_invalid
  (component $C
    (type $r (enum "x"))
    (export $b "b" (type $r))
    (import "i" (instance (alias outer $C $b (type $t)) (export "t" (type (eq $t))))))
  "instance not valid to be used as import")
(assert_invalid
  (component
    (type $r (record (field "x" u32)))
    (export $b "b" (type $r))
    (import "f" (func (param "p" $b))))
  "func not valid to be used as import")
(component definition
  (type $r (record (field "x" u32)))
  (export $b "b" (type $r))
  (import "c" (type $c (eq $r)))
  (import "d" (type (eq $c)))
  (import "f" (func (param "p" $c))))
(component definition
  (import "a" (type $a (sub resource)))
  (export $b "b" (type $a))
  (import "c" (type (eq $a)))
  (export "d" (type $b)))
