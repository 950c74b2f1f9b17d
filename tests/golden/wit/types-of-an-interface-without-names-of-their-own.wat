;; RUN: wit print %
;; What an instance or a function of the world takes from another interface by its index alone comes by a `use`,
;; under another name where the name is taken.
(component
  (import "a:b/types@1.0.0" (instance $types
    (type $r' (record (field "x" u32))) (export "r" (type (eq $r')))
    (export "res" (type (sub resource)))))
  (alias export $types "r" (type $r))
  (alias export $types "res" (type $res))
  (type $list (list $r))
  (import "a:b/other@1.0.0" (instance
    (alias outer 1 $r (type $r2))
    (alias outer 1 $res (type $res2))
    (alias outer 1 $list (type $list2))
    (type $q' (record (field "all" $list2) (field "own" (own $res2)))) (export "q" (type $q (eq $q')))
    (export "h" (func (param "z" (own $res2)) (result $list2)))
    (export "f" (func (param "x" $r2) (param "q" $q)))))
  (import "iface" (instance
    (alias outer 1 $list (type $list2))
    (type $r' (record (field "other" u8))) (export "r" (type $r2 (eq $r')))
    (export "f" (func (param "x" $r2) (param "l" $list2)))))
  (import "g" (func (param "y" $r))))
