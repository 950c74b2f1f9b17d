;; RUN: run % --help -p x -- --invoke f
;; RUN: run --argv0 other % 1
;; RUN: run --env A=1 --env B= --argv0 p %
;; FAIL(3): run --env EXIT=3 %
;; FAIL(1): run --env EXIT=256 %
;; FAIL(2): run --invoke _start % 1
;; FAIL(2): run --invoke '_start()' % 1
;; Options end at the module: every later word is the program's. It prints its words and variables, and ends with
;; the code that the variable EXIT names.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  ;; Ends each text with a line feed instead of the NUL, and writes all.
  (func $show (param $size i32)
    (local $i i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $size))
        (then
          (if (i32.eqz (i32.load8_u offset=4096 (local.get $i)))
            (then (i32.store8 offset=4096 (local.get $i) (i32.const 10))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (i32.store (i32.const 16) (i32.const 4096))
    (i32.store (i32.const 20) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
  ;; The number behind `EXIT=`, if the first variable is that.
  (func $exit_code
    (local $i i32) (local $n i32)
    (if (i32.ne (i32.load (i32.const 4096)) (i32.const 0x54495845)) (then (return)))
    (local.set $i (i32.const 4101))
    (loop $next
      (if (i32.ge_u (i32.load8_u (local.get $i)) (i32.const 48))
        (then
          (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 10)) (i32.sub (i32.load8_u (local.get $i)) (i32.const 48))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
    (call $exit (local.get $n)))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 4096)))
    (if (i32.load (i32.const 4)) (then (call $show (i32.load (i32.const 4)))))
    (drop (call $env_sizes (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1024) (i32.const 4096)))
    (if (i32.load (i32.const 0))
      (then
        (call $exit_code)
        (call $show (i32.load (i32.const 4)))))))
