;; RUN: run --dir .::/:ro %
;; FAIL(69): run -q --dir .::/:ro % write
;; FAIL(69): run -q --dir .::/:ro % write a new file
;; RUN: component new % -o %t/c.wasm && tenon run --dir .::/:ro %t/c.wasm
;; FAIL(69): component new % -o %t/c.wasm && tenon run -q --dir .::/:ro %t/c.wasm write
;; FAIL(69): component new % -o %t/c.wasm && tenon run -q --dir .::/:ro %t/c.wasm write a new file
;; Go asks for all rights but fd_write to read a file: that opens it in a directory that is granted read-only. To write
;; it, or to make one, is refused. The same directly and as a component.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "read-only-with-more-rights.wat")
  ;; As GOOS=wasip1 for os.Open: all rights of files but fd_datasync, fd_write and fd_allocate.
  (global $go i64 (i64.const 0x08E000BE))
  (func $check (param $errno i32)
    (if (local.get $errno) (then (call $exit (local.get $errno)))))
  (func (export "_start") (local $words i32)
    (call $check (call $args_sizes (i32.const 0) (i32.const 4)))
    (local.set $words (i32.sub (i32.load (i32.const 0)) (i32.const 1)))
    (call $check (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 30)
      (if (result i32) (i32.gt_u (local.get $words) (i32.const 1)) (then (i32.const 1)) (else (i32.const 0)))
      (i64.or (global.get $go) (i64.shl (i64.extend_i32_u (i32.eq (local.get $words) (i32.const 1))) (i64.const 6)))
      (global.get $go) (i32.const 0) (i32.const 8)))
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (i32.const 2))
    (call $check (call $read (i32.load (i32.const 8)) (i32.const 16) (i32.const 1) (i32.const 24)))
    (if (i32.ne (i32.load16_u (i32.const 1024)) (i32.const 0x3b3b)) (then (unreachable)))))
