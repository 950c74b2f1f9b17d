;; FAIL: validate %
;; An outer alias may not carry a resource over a component's boundary.
(component
  (import "r" (type $r (sub resource)))
  (component
    (alias outer 1 0 (type $mine))))
