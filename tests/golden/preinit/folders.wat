;; RUN: component embed %.wit % -o %t/e.wasm; tenon component new %t/e.wasm -o %t/c.wasm; mkdir -p %t/a %t/b; echo one > %t/a/x; echo two > %t/b/x; tenon preinit %t/c.wasm -f init --dir %t/a::/data -o %t/i.wasm --report - | grep -v bytes
;; RUN: run --dir %t/b::/data --invoke 'look()' %t/i.wasm
;; RUN: run --dir %t/a::/other --dir %t/b::/data --invoke 'look()' %t/i.wasm
;; RUN: run --dir %t/a::/other --invoke 'look()' %t/i.wasm
;; RUN: preinit %t/i.wasm -f init -o %t/j.wasm; cmp %t/i.wasm %t/j.wasm
;; RUN: preinit %t/c.wasm -f print --allow-wasi -o %t/p.wasm; tenon run --invoke 'look()' --dir %t/b::/data %t/p.wasm
;; RUN: preinit %t/c.wasm -f init -o %t/none.wasm
;; FAIL: preinit %t/c.wasm -f keep --dir %t/a::/data -o %t/no.wasm
;; FAIL: preinit % -f keep --dir %t/a::/data -o %t/no.wasm
;; RUN: preinit % -f init -o %t/m.wasm --report - | grep called
;; tenon's adapter lets go of standard output and of folders, and finds a folder again by its path under the number that it
;; had. A file that the program itself holds is an error that names it; a program that has looked for folders and found none
;; is told so.
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "x")
  ;; Where to read and how much; what to print.
  (data (i32.const 16) "\40\00\00\00\04\00\00\00")
  (data (i32.const 24) "\00\00\00\00\01\00\00\00")
  (func $opened (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0)
      (i32.const 32)))
  (func (export "init")
    (if (call $prestat (i32.const 3) (i32.const 8)) (then (return)))
    (if (call $opened) (then unreachable))
    (if (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36)) (then unreachable))
    (if (call $close (i32.load (i32.const 32))) (then unreachable)))
  (func (export "print")
    (if (call $write (i32.const 1) (i32.const 24) (i32.const 1) (i32.const 36)) (then unreachable)))
  (func (export "keep") (if (call $opened) (then unreachable)))
  ;; The errno of opening the file, or its first bytes.
  (func (export "look") (result i32)
    (local $errno i32)
    (if (local.tee $errno (call $opened)) (then (return (local.get $errno))))
    (drop (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36)))
    (drop (call $close (i32.load (i32.const 32))))
    (i32.and (i32.load (i32.const 64)) (i32.const 0xffffff))))
