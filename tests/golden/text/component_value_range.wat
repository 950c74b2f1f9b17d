;; FAIL: parse %
;; A number in a value is of the value's type: told as such.
(component (value u8 256))
