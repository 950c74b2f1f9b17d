;; FAIL: validate %
;; What is borrowed for a call cannot be given back by it.
(component
  (import "r" (type $r (sub resource)))
  (import "f" (func (result (borrow $r)))))
