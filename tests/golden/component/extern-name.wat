;; FAIL: validate %
;; A name is a label, or an interface with its package.
(component
  (import "calculator:math/" (func)))
