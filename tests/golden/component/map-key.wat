;; FAIL: validate --features cm-map %
;; A map's key is no float.
(component
  (type (map f32 string)))
