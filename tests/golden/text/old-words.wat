;; FAIL: parse % -o %t/out.wasm
;; Operators had other names until 2018; the error says today's.
(module
  (func (param i64) (result i32)
    get_local 0
    i32.wrap/i64))
