;; FAIL: component new % -o %t/out.wasm
;; wasi-threads: the message says which program to build, and who runs the threads of a module.
(module
  (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
