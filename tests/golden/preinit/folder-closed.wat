;; RUN: component embed %.wit % -o %t/e.wasm; tenon component new %t/e.wasm -o %t/c.wasm; mkdir -p %t/a %t/b; echo one > %t/a/x; echo two > %t/b/x
;; RUN: preinit %t/c.wasm -f close --dir %t/a::/a --dir %t/b::/b -o %t/1.wasm; for fd in 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/1.wasm; done
;; RUN: run --dir %t/b::/b --dir %t/a::/c --invoke "look(3)" %t/1.wasm; for fd in 4 5; do tenon run --dir %t/b::/b --dir %t/a::/c --invoke "look($fd)" %t/1.wasm; done
;; RUN: preinit %t/c.wasm -f close-and-read --dir %t/a::/a --dir %t/b::/b -o %t/2.wasm; for fd in 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/2.wasm; done
;; RUN: preinit %t/c.wasm -f over --dir %t/a::/a --dir %t/b::/b -o %t/3.wasm; for fd in 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/3.wasm; done
;; RUN: preinit %t/c.wasm -f to-stdin --dir %t/a::/a --dir %t/b::/b -o %t/4.wasm; for fd in 0 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/4.wasm; done; tenon run --dir %t/b::/b --invoke 'look(0)' %t/4.wasm
;; FAIL: preinit %t/1.wasm -f print --dir %t/a::/a --dir %t/b::/b -o %t/5.wasm
;; RUN: preinit %t/c.wasm -f close --keep-imports --dir %t/a::/a --dir %t/b::/b -o %t/k.wasm; tenon preinit %t/k.wasm -f print --dir %t/a::/a --dir %t/b::/b -o %t/5.wasm; for fd in 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/5.wasm; done
;; RUN: preinit %t/c.wasm -f over --keep-imports --dir %t/a::/a --dir %t/b::/b -o %t/k.wasm; tenon preinit %t/k.wasm -f to-stdin --dir %t/a::/a --dir %t/b::/b -o %t/6.wasm; for fd in 0 3 4 5; do tenon run --dir %t/a::/a --dir %t/b::/b --invoke "look($fd)" %t/6.wasm; done
;; A program that closes a folder in its initialisation, or gives it another number, finds it so at run time: also when it
;; has not asked for its folders before. The errno of what is closed is 8, of what is not a folder 54. A folder that is new gets
;; no number that the program has closed. What an earlier initialisation alone needed is gone, and the trap says what to do.
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "x")
  ;; Where to read and how much; what to print.
  (data (i32.const 16) "\40\00\00\00\04\00\00\00")
  (data (i32.const 24) "\00\00\00\00\01\00\00\00")
  (func $must (param $errno i32) (if (local.get $errno) (then unreachable)))
  (func (export "close") (call $must (call $close (i32.const 3))))
  (func (export "close-and-read")
    (call $must (call $prestat (i32.const 3) (i32.const 8)))
    (call $must (call $close (i32.const 3))))
  (func (export "over") (call $must (call $renumber (i32.const 3) (i32.const 4))))
  (func (export "to-stdin") (call $must (call $renumber (i32.const 4) (i32.const 0))))
  (func (export "print") (call $must (call $write (i32.const 1) (i32.const 24) (i32.const 1) (i32.const 36))))
  ;; The errno of opening the file, or its first bytes.
  (func (export "look") (param $fd i32) (result i32)
    (local $errno i32)
    (local.set $errno
      (call $open (local.get $fd) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0)
        (i32.const 0) (i32.const 32)))
    (if (local.get $errno) (then (return (local.get $errno))))
    (drop (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36)))
    (drop (call $close (i32.load (i32.const 32))))
    (i32.and (i32.load (i32.const 64)) (i32.const 0xffffff))))
