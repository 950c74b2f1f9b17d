;; RUN: preinit % -f init -o %t/out.wasm --report -
;; RUN: validate %t/out.wasm; tenon print %t/out.wasm | sed -n '/import/p;/^  (func/,$p'
;; RUN: preinit %t/out.wasm -f init -o %t/again.wasm; cmp %t/out.wasm %t/again.wasm
;; RUN: preinit %t/out.wasm -f nothing --keep-init-func -o %t/n.wasm; for f in n out; do tenon print %t/$f.wasm | grep -v '@custom "preinit"' > %t/$f; done; cmp %t/n %t/out
;; RUN: preinit %t/n.wasm -f nothing --keep-init-func | cmp - %t/n.wasm
;; RUN: preinit % -f init --keep-imports | tenon print - | grep -c '(import'
;; Imports that only the initialisation needed go: what calls them becomes `unreachable`, as long as it was. What the table
;; or an export still reaches stays, and so does what nothing ever called.
(module $m
  (type $t (func (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "env" "unused" (func $unused))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "env" "late" (func $late))
  (import "env" "tabled" (func $tabled (type $t)))
  (memory (export "memory") 1)
  (table $tab (export "table") 4 funcref)
  (global $g (mut i32) (i32.const 0))
  (elem (table $tab) (i32.const 0) func $tabled $one)
  (elem declare func $random $two)
  (func $one (type $t) (i32.const 1))
  (func $two (type $t) (drop (ref.func $two)) (i32.const 2))
  (func $seed (result i32)
    (drop (call $random (i32.const 8) (i32.const 4)))
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (i32.ne (i32.load (i32.const 8)) (i32.const 0)))
  (func (export "init") (global.set $g (call $seed)))
  (func (export "nothing"))
  (func (export "late") (call $late))
  (func (export "get") (result i32) (global.get $g))
  (func (export "through") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))
