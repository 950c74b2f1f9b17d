;; FAIL: run %
;; FAIL: test % half.json
;; A module imports a function that preview 1 has not: the nearest is told.
(module
  (import "wasi_snapshot_preview1" "fd_wirte" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
