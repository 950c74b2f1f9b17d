;; FAIL: parse % | tenon component targets wit/versions.wit -
;; Versions are compared in words.
(component
  (import "a:b/logger@1.0.0" (instance (export "flush" (func)))))
