;; FAIL: component new % -o %t/out.wasm
;; A shared memory of the module's own.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1 4 shared)
  (func (export "_start")))
