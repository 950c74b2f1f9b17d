;; FAIL: validate %
;; What belongs to a proposal that is not supported is refused by its name.
(module
  (func
    (suspend 0)))
