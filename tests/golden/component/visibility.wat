;; FAIL: validate %
;; Types of imports have names that a user of the component can say.
(component
  (type $point (record (field "x" u32)))
  (import "f" (func (param "p" $point))))
