;; RUN: preinit % -f 'setup(5, "x")' | tenon run --invoke get -
;; RUN: preinit % -f 'tools#prepare' | tenon run --invoke get -
;; RUN: preinit % -f tools.prepare -f core_init -o %t/out.wasm; tenon run --invoke get %t/out.wasm
;; RUN: preinit %t/out.wasm -f core-init -o %t/again.wasm; cmp %t/out.wasm %t/again.wasm
;; RUN: preinit % -f core-init | tenon run --invoke get -
;; RUN: preinit % -f mangled | tenon run --invoke get -
;; RUN: preinit % -f 'setup(5, "x")' -f core_init | tenon print - | grep export
;; RUN: preinit % -f 'setup(5, "x")' --keep-init-func | tenon inspect - | grep setup
;; FAIL: preinit % -f fail -o %t/no.wasm
;; FAIL: preinit % -f 'setup("x")' -o %t/no.wasm
;; FAIL: preinit % -f get-it -o %t/no.wasm
;; FAIL: preinit % -o %t/no.wasm
;; FAIL(2): preinit % -f fail -r a=b; code=$?; test -e %t/no.wasm && exit 9; exit $code
;; A function is a component's export, of itself or of an interface, or an export of a core module under any spelling.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $n (mut i32) (i32.const 1))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1000))))
    (func (export "setup") (param i32 i32 i32)
      (global.set $n (i32.add (local.get 0) (i32.load8_u (local.get 1)))))
    (func (export "prepare") (global.set $n (i32.mul (global.get $n) (i32.const 7))))
    (func (export "fail") (result i32) (i32.const 1))
    (func (export "core_init") (global.set $n (i32.add (global.get $n) (i32.const 3))))
    (func (export "_ZN4demo7mangled17h0123456789abcdefE") (global.set $n (i32.const 77)))
    (func (export "get") (result i32) (global.get $n)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (func $setup (export "setup") (param "n" u32) (param "s" string)
    (canon lift (core func $i "setup") (memory $mem) (realloc $realloc)))
  (func $prepare (canon lift (core func $i "prepare")))
  (instance (export "tools") (export "prepare" (func $prepare)))
  (func (export "fail") (result (result)) (canon lift (core func $i "fail")))
  (func (export "get") (result u32) (canon lift (core func $i "get"))))
