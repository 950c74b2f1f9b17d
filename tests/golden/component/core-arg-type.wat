;; FAIL: validate %
;; A core module's import has to be given what it asks for.
(component
  (core module $libc (func (export "log") (param i64)))
  (core module $m (import "libc" "log" (func (param i32))))
  (core instance $libc (instantiate $libc))
  (core instance (instantiate $m (with "libc" (instance $libc)))))
