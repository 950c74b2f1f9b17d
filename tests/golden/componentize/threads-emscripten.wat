;; FAIL: component new % -o %t/out.wasm
;; As above, with Emscripten's names and a memory from outside.
(module
  (import "env" "__pthread_create_js" (func (param i32 i32 i32 i32) (result i32)))
  (import "env" "memory" (memory 256 256 shared))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (func (export "_start")))
