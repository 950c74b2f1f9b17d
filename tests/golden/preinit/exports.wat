;; RUN: preinit % -o - | tenon print - | grep export
;; RUN: preinit % --keep-init-func -r run=run_now -t | grep export
;; RUN: preinit % -f first -f wizer.initialize | tenon run --invoke get -
;; RUN: preinit % -f wizer.initialize -f first | tenon run --invoke get -
;; RUN: preinit % -f first --keep-init-func -o %t/kept.wasm; tenon run --invoke get %t/kept.wasm
;; FAIL: preinit % -f frist -o %t/no.wasm
;; FAIL: preinit % -f get -o %t/no.wasm; code=$?; test -e %t/no.wasm && exit 9; exit $code
;; FAIL: preinit % -r run=nothing
;; FAIL(2): preinit % -r run
;; The functions that run, their order, and the exports that are left: `_initialize` runs first and is gone.
(module
  (global $n (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $n (i32.const 1)))
  (func (export "first") (global.set $n (i32.mul (global.get $n) (i32.const 10))))
  (func (export "wizer.initialize") (global.set $n (i32.add (global.get $n) (i32.const 5))))
  (func (export "run"))
  (func (export "run_now"))
  (func (export "get") (result i32) (global.get $n)))
