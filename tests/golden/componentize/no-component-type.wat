;; FAIL: component new %
;; A module that does not say for which world it was made.
(module
  (func (export "run") (result i32) i32.const 0))
