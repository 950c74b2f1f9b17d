;; FAIL: run %
;; FAIL(2): run -S inherit-network %
;; FAIL(2): run -Wmax-memory-size=1000 %
;; FAIL(2): run -S nn %
;; FAIL: run --dir /nowhere/at/all %
;; FAIL(2): run --env =x %
;; FAIL(2): run --allow-outbound http://x %
;; Preview 0 is refused by its name; options that wasmtime has are told in tenon's words.
(module
  (import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
