;; FAIL: validate --features cm-accessors %
;; A getter has a parameter besides `self`.
(component
  (import "r" (type $r (sub resource)))
  (import "[method][get]r.p" (func (param "self" (borrow $r)) (param "i" u32) (result u8))))
