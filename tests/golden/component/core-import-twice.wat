;; FAIL: validate %
;; A module inside a component imports two names once.
(component
  (core type (module
    (import "env" "f" (func))
    (import "env" "f" (func (param i32))))))
