;; FAIL: validate --features cm-implements %
;; `implements` is for instances.
(component
  (import "log" (implements "wasi:logging/logging") (func)))
