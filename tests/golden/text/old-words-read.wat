;; RUN: parse --legacy % | tenon print -
;; Old names of operators and types are read on demand.
(module
  (table 1 anyfunc)
  (func (param i64) (result i32)
    get_local 0
    i32.wrap/i64))
