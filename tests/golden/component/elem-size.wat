;; FAIL: validate --features cm-fixed-length-lists %
;; One value has less than 2^28 bytes.
(component
  (type $page (list u64 1000000))
  (type (list $page 1000)))
