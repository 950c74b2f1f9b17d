;; FAIL: parse %
;; An unsigned value has no sign.
(component (value u8 -1))
