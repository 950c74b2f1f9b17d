;; RUN: wit print %
;; The same in a package in binary.
(component
  (type (export "w") (component
    (export "a:b/w" (component
      (import "a:b/types" (instance $types (type $r' (record (field "x" u32))) (export "r" (type (eq $r')))))
      (alias export $types "r" (type $r))
      (import "iface" (instance
        (alias outer 1 $r (type $r2))
        (export "f" (func (param "x" (option $r2))))))
      (export "g" (func (param "y" $r))))))))
