;; FAIL(1): run % look
;; FAIL(1): run -q % look
;; FAIL(1): run % read environment
;; FAIL(1): run --env A=1 % read environment
;; FAIL(134): run --max-random-size 8 % ask random bytes
;; FAIL(1): run --dir %t::/:ro % make a directory there
;; FAIL(134): run --max-resources 4 --dir %t::/ % hold more than it may do
;; RUN: run %
;; A program that fails is told once what it was refused, and which option opens that. It does as many things as it has
;; words behind its name, and one that ends well is told nothing.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) ".new")
  (func $hold
    (br_if 0 (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0)
      (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8))))
    (unreachable))
  (func (export "_start") (local $words i32)
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (local.set $words (i32.sub (i32.load (i32.const 0)) (i32.const 1)))
    (drop (call $prestat (i32.const 3) (i32.const 8)))
    (if (i32.eqz (local.get $words)) (then (return)))
    (if (i32.eq (local.get $words) (i32.const 2))
      (then (drop (call $environ_sizes (i32.const 0) (i32.const 4)))))
    (if (i32.eq (local.get $words) (i32.const 3))
      (then (drop (call $random (i32.const 0) (i32.const 9)))))
    (if (i32.eq (local.get $words) (i32.const 4))
      (then (drop (call $mkdir (i32.const 3) (i32.const 65) (i32.const 3)))))
    (if (i32.eq (local.get $words) (i32.const 6))
      (then (call $hold) (call $hold)))
    (call $exit (i32.const 1))))
