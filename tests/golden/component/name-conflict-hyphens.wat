;; FAIL: validate %
;; Names that differ in hyphens alone.
(component
  (import "foo-bar" (func))
  (import "foobar" (func)))
