;; FAIL: parse %
;; A form of before 2025.
(component
  (type (list float32)))
