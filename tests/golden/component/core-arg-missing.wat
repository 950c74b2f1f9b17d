;; FAIL: validate %
;; A core module's import has to be given.
(component
  (core module $m (import "env" "log" (func)))
  (core instance (instantiate $m)))
