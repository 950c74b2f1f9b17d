;; FAIL: validate %
;; Strings go through memory.
(component
  (import "log" (func $log (param "line" string)))
  (core func (canon lower (func $log))))
