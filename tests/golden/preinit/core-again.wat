;; RUN: preinit % -f one --keep-init-func -o %t/a.wasm; tenon preinit %t/a.wasm -f one --keep-init-func -o %t/b.wasm; cmp %t/a.wasm %t/b.wasm; tenon print %t/a.wasm | grep '(global '
;; RUN: preinit % -f table::fill -o %t/a.wasm; tenon preinit %t/a.wasm -f table::fill -o %t/b.wasm; cmp %t/a.wasm %t/b.wasm; tenon print %t/a.wasm | grep '(global '
;; RUN: preinit % -f link --link env=%.in --report - -o %t/a.wasm | grep called
;; FAIL: preinit % -f link -o %t/no.wasm
;; FAIL: preinit % -f link --link k=%.in -o %t/no.wasm
;; RUN: preinit % -f clock --allow-wasi --report - -o %t/a.wasm | grep called
;; FAIL: preinit % -f grow --max-memory 1M -o %t/no.wasm
;; FAIL: preinit % -f die --max-memory 1M -o %t/no.wasm
;; RUN: preinit % -f grow --max-memory 4M -o %t/a.wasm
;; RUN: preinit % -f one --report - --measure 1 --first-call 'sum(3, -4)' -o %t/m.wasm | grep -c -e '^start before' -e '^first call before'
;; FAIL: preinit % -f one --report - --measure 1 --first-call 'sum(3)' -o %t/m.wasm
;; FAIL: preinit % -f 'one(3)' -o %t/no.wasm
;; FAIL(2): preinit % -f one --report %t/x.wasm -o %t/x.wasm
;; FAIL(2): preinit % -f one --report -
;; FAIL(2): preinit % -f one --measure 3 -o %t/x.wasm
;; FAIL(2): preinit % -f one --measure 0 --report - -o %t/x.wasm
;; FAIL(2): preinit % -f one --first-call get -o %t/x.wasm
;; FAIL(2): preinit % -f one --mapdir a::b -o %t/x.wasm
;; FAIL(2): preinit % -f one --preload k=x -o %t/x.wasm
;; FAIL(2): wizer %
;; FAIL: preinit < /dev/null
;; What a core module's initialisation ran, called and was refused; options that do not fit together.
(module
  (import "env" "k" (func $k))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (global $g (mut i32) (i32.const 0))
  (func $add (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
  (func (export "one") (call $add (i32.const 1)))
  (func (export "_ZN5table4fillEv") (call $add (i32.const 7)))
  (func (export "link") (call $k) (call $k))
  (func (export "clock") (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 0))))
  ;; A guest that does without what it wanted, and one that does not.
  (func (export "grow") (drop (memory.grow (i32.const 20))))
  (func (export "die") (if (i32.eq (memory.grow (i32.const 20)) (i32.const -1)) (then unreachable)))
  (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "get") (result i32) (global.get $g)))
