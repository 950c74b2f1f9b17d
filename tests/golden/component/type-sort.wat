;; FAIL: validate %
;; A parameter has the type of a value.
(component
  (type $f (func))
  (import "g" (func (param "callback" $f))))
