;; RUN: validate --features cm-accessors %
;; FAIL: validate %
;; Getters and setters, of nothing and of a resource.
(component
  (import "r" (type $r (sub resource)))
  (import "[get]x" (func (result u32)))
  (import "[set]x" (func (param "value" u32)))
  (import "[get]checked" (func (result (result string (error u8)))))
  (import "[set]checked" (func (param "value" string) (result (result (error u8)))))
  (import "[method][get]r.p" (func (param "self" (borrow $r)) (result u8)))
  (import "[method][set]r.p" (func (param "self" (borrow $r)) (param "value" u8)))
  (import "[static][get]r.q" (func (result u8))))
