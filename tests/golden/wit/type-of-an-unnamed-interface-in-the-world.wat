;; FAIL: wit print %
;; A type of an instance under a plain name, which no `use` can say.
(component
  (import "i" (instance $i (type $t' (record (field "x" u8))) (export "t" (type (eq $t')))))
  (alias export $i "t" (type $t))
  (import "u" (type $u (eq $t)))
  (import "f" (func (param "x" $u))))
