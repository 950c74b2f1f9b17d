;; FAIL: test -q % wasi-output.json --jobs 1
;; FAIL: component new % -o %t/c.wasm && tenon test -q %t/c.wasm wasi-output.json --jobs 1
;; What a program wrote stands below its failed case, but for what the message quotes.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "one\0atwohalf a line")
  (func $say (param $fd i32) (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (call $say (i32.const 1) (i32.const 64) (i32.const 7))
    (call $say (i32.const 2) (i32.const 71) (i32.const 11))
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 2)) (then (unreachable)))
    (call $exit (i32.const 1))))
