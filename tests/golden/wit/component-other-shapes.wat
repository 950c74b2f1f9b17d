;; RUN: wit print %
;; A component that no tool has written: bundles, a renamed type, one instance under two names.
(component
  (type $r (record (field "x" u32)))
  (import "p" (type $p (eq $r)))
  (import "a:b/c" (instance $i
    (type $r (record (field "y" u8)))
    (export "q" (type $q (eq $r)))
    (export "f" (func (param "q" $q)))))
  (alias export $i "q" (type $q))
  (alias export $i "f" (func $f))
  (instance $j (export "q" (type $q)) (export "f" (func $f)))
  (export "a:b/d" (instance $j))
  (instance $k (export "other" (type $q)) (export "g" (func $f)))
  (export "a:b/e" (instance $k))
  (export "a:b/f" (instance $k))
  (component $C
    (import "t" (type $t (sub resource)))
    (export $u "u" (type $t))
    (import "make" (func $make (result (own $t))))
    (export "make" (func $make) (func (result (own $u)))))
  (import "a:b/g" (instance $g (export "t" (type (sub resource)))))
  (alias export $g "t" (type $t))
  (import "tt" (type $tt (eq $t)))
  (import "make" (func $make (result (own $tt))))
  (instance $h (instantiate $C (with "t" (type $t)) (with "make" (func $make))))
  (export "a:b/h" (instance $h)))
