;; FAIL(3): run % 3
;; FAIL(44): run % 300 twice
;; FAIL(1): run % 256 three times
;; FAIL(255): run % -1 and three words
;; FAIL(3): component new % -o %t/c.wasm && tenon run %t/c.wasm 3
;; FAIL(44): component new % -o %t/c.wasm && tenon run %t/c.wasm 300 twice
;; FAIL(1): component new % -o %t/c.wasm && tenon run %t/c.wasm 256 three times
;; FAIL(255): component new % -o %t/c.wasm && tenon run %t/c.wasm -1 and three words
;; RUN: test -q % exit-codes.json
;; RUN: component new % -o %t/c.wasm && tenon test -q %t/c.wasm exit-codes.json
;; FAIL: test -q % exit-code-too-large.json
;; Of an exit code eight bits are kept, and a failure stays one: whether a module runs or the component that was made of it.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $count i32)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (local.set $count (i32.load (i32.const 0)))
    (if (i32.eq (local.get $count) (i32.const 2)) (then (call $exit (i32.const 3))))
    (if (i32.eq (local.get $count) (i32.const 3)) (then (call $exit (i32.const 300))))
    (if (i32.eq (local.get $count) (i32.const 4)) (then (call $exit (i32.const 256))))
    (call $exit (i32.const -1))))
