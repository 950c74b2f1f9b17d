;; FAIL: validate %
;; A type cannot make resources: an instance that exports one says `(sub resource)`.
(component
  (type (instance (type (resource (rep i32))))))
