;; FAIL(134): run --invoke even % 2>%t/err; code=$?; sed 's/[0-9,]* times/N times/' %t/err; exit $code
;; FAIL(134): run --invoke alone % 2>%t/err; code=$?; sed 's/[0-9,]* times/N times/' %t/err; exit $code
;; Recursion without an end is a stack overflow, and what repeats is told once.
(module
  (func $even (export "even") (call $odd))
  (func $odd (call $even))
  (func $alone (export "alone") (call $alone)))
