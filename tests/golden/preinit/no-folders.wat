;; RUN: preinit % -f init -o %t/m.wasm
;; RUN: component new % -o %t/c.wasm; tenon preinit %t/c.wasm -f init -o %t/i.wasm
;; RUN: run --dir %t::/data %t/i.wasm
;; A command is started after its initialisation, and may look for folders again: that it finds none later is not said as
;; if it were known.
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  ;; A module that imports nothing of files gets an adapter that knows no folders.
  (import "wasi_snapshot_preview1" "path_open"
    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "init") (drop (call $prestat (i32.const 3) (i32.const 8))))
  ;; Looks again.
  (func (export "_start") (if (call $prestat (i32.const 3) (i32.const 8)) (then unreachable))))
