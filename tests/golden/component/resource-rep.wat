;; FAIL: validate %
;; A resource is represented by a number of 32 bits.
(component
  (type (resource (rep i64))))
