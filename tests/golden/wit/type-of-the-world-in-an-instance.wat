;; FAIL: wit print %
;; WIT has no `use` of a world's own type.
(component
  (import "t" (type $t (sub resource)))
  (import "j" (instance (export "t" (type (eq $t))))))
