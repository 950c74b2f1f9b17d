;; FAIL: validate %
;; Versions have three numbers.
(component
  (import "calculator:math/add@1.0" (func)))
