;; FAIL: parse %
;; The structure of an instance's type is not looked up; its values are bytes.
(component
  (import "i" (instance $i (type $t u8) (export "t" (type (eq $t)))))
  (value (type $i "t") 1))
