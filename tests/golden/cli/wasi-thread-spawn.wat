;; FAIL: run %
;; The memory is its own, which no thread could use; the import names the proposal.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 2 16 shared)
  (func (export "_start") (drop (call $spawn (i32.const 7)))))
