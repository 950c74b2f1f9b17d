;; FAIL: validate %
;; Names of imports differ in more than case.
(component
  (import "read-file" (func))
  (import "READ-file" (func)))
