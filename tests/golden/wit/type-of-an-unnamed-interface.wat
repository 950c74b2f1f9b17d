;; FAIL: wit print %
;; FAIL: bindgen cpp-host % --out-dir %t
;; An instance under a plain name has no name that a `use` could say.
(component
  (import "i" (instance $i (export "t" (type (sub resource)))))
  (alias export $i "t" (type $t))
  (import "j" (instance (export "t" (type (eq $t))))))
