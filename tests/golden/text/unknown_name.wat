;; FAIL: parse %
;; A call names a function that the module does not have.
(module
  (func $present)
  (func (call $absent)))
