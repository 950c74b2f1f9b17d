;; FAIL: validate --features cm-values %
;; A start function gets as many values as it has parameters.
(component
  (import "main" (func $main (param "args" string)))
  (start $main))
