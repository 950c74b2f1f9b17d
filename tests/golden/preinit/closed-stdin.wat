;; RUN: component new % -o %t/c.wasm; mkdir -p %t/a %t/b
;; RUN: run --dir %t/a::/a --dir %t/b::/b %t/c.wasm
;; RUN: preinit %t/c.wasm -f init --allow-wasi -o %t/i.wasm; tenon run --dir %t/a::/a --dir %t/b::/b %t/i.wasm
;; The initialisation closes its standard input. The folders that are granted at run time begin at number 3 all the same.
(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $say (param $at i32) (param $fd i32)
    (i32.store8 (local.get $at)
      (i32.add (i32.const 48) (i32.ne (call $prestat (local.get $fd) (i32.const 64)) (i32.const 0)))))
  (func (export "init") (drop (call $close (i32.const 0))))
  ;; `0` for each of the numbers 0, 3, 4 and 5 that is a folder.
  (func (export "_start")
    (call $say (i32.const 0) (i32.const 0))
    (call $say (i32.const 1) (i32.const 3))
    (call $say (i32.const 2) (i32.const 4))
    (call $say (i32.const 3) (i32.const 5))
    (i32.store8 (i32.const 4) (i32.const 10))
    (i64.store (i32.const 16) (i64.const 0x5_0000_0000))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))))
