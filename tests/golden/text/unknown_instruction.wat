;; FAIL: parse %
;; An instruction of the first drafts.
(module
  (func (param i32) (result i32)
    get_local 0))
