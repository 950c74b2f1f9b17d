;; RUN: --version > /dev/null; echo 'from the input' | tenon run %
;; RUN: component new % -o %t/c.wasm; echo 'from the input' | tenon run %t/c.wasm
;; 0 is a place in memory like any other: a list of buffers there, and a buffer there, directly and through the adapter.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "the list at 0\0a")
  (func $must (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
  (func $list (param $at i32) (param $from i32) (param $size i32)
    (i32.store (local.get $at) (local.get $from))
    (i32.store offset=4 (local.get $at) (local.get $size)))
  (func (export "_start")
    (call $list (i32.const 0) (i32.const 64) (i32.const 14))
    (call $must (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $list (i32.const 0) (i32.const 128) (i32.const 4))
    (call $must (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    ;; The rest into the buffer at 0.
    (call $list (i32.const 256) (i32.const 0) (i32.const 100))
    (call $must (call $read (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 264)))
    (call $list (i32.const 256) (i32.const 128) (i32.const 4))
    (call $list (i32.const 264) (i32.const 0) (i32.load (i32.const 264)))
    (call $must (call $write (i32.const 1) (i32.const 256) (i32.const 2) (i32.const 272)))
    ;; Nothing at all, at 0.
    (call $list (i32.const 0) (i32.const 0) (i32.const 0))
    (call $must (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $must (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))))
