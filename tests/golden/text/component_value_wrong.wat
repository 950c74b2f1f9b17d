;; FAIL: parse %
;; A literal has the shape of its type.
(component
  (type $abc (flags "a" "b" "c"))
  (value $r $abc (flags "a" "d")))
