;; FAIL: parse %
;; A flat block without its `end`.
(module
  (func
    block
      nop))
