;; FAIL: component embed wit/run.wit % | tenon component new -
;; RUN: component embed wit/run.wit % | tenon component new --stub-wasi - | tenon print -
;; Preview1 without an adapter is an error, and can be told to trap.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (func (export "run") (result i32) i32.const 0))
