;; FAIL: validate %
;; Only resources are owned.
(component
  (type $point (record (field "x" u32)))
  (type (own $point)))
