;; RUN: run %; tenon component new % -o %t/c.wasm; tenon run %t/c.wasm
;; `poll_oneoff` waits for 8,192 subscriptions and refuses one more with EINVAL (28), in the module as in its component, where each takes
;; a resource.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 16)
  (func (export "_start")
    (if (call $poll (i32.const 0) (i32.const 524288) (i32.const 8192) (i32.const 1000000)) (then (call $exit (i32.const 1))))
    (if (i32.ne (i32.load (i32.const 1000000)) (i32.const 8192)) (then (call $exit (i32.const 2))))
    (if (i32.ne (call $poll (i32.const 0) (i32.const 524288) (i32.const 8193) (i32.const 1000000)) (i32.const 28))
      (then (call $exit (i32.const 3))))))
