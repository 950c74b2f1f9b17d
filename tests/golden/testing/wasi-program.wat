;; FAIL: test -q % wasi-program.json
;; FAIL: test % wasi-wrong.json
;; RUN: test -q % wasi-specification.json
;; A program of preview 1 in a world of its own: it copies standard input and in.txt to standard output and out.txt,
;; and ends with 7.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "in.txtout.txt")
  (global $used (mut i32) (i32.const 0))
  ;; Reads up to 100 bytes behind what is there already.
  (func $take (param $fd i32)
    (i32.store (i32.const 0) (i32.add (i32.const 1024) (global.get $used)))
    (i32.store (i32.const 4) (i32.const 100))
    (if (i32.eqz (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
      (then (global.set $used (i32.add (global.get $used) (i32.load (i32.const 8)))))))
  (func $give (param $fd i32)
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (global.get $used))
    (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (call $take (i32.const 0))
    (if (i32.eqz (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 6) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
      (then (call $take (i32.load (i32.const 16)))))
    (call $give (i32.const 1))
    (if (i32.eqz (call $open (i32.const 3) (i32.const 1) (i32.const 70) (i32.const 7) (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
      (then (call $give (i32.load (i32.const 16)))))
    (call $exit (i32.const 7))))
