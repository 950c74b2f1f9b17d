;; FAIL: validate %
;; Every import of a component gets an argument.
(component
  (component $c (import "log" (func (param "line" string))))
  (instance (instantiate $c)))
