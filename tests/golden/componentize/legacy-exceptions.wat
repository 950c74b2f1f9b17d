;; RUN: component new % -o %t/out.wasm
;; FAIL: parse --to-exnref %t/out.wasm
;; The component is made, and a note says that engines leave these exceptions off, and how to translate them.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (tag $e)
  (func (export "_start") (try (do (throw $e)) (catch $e))))
