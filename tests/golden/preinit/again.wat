;; RUN: preinit % -f 't:p/api#do-plain' -o %t/a.wasm; tenon preinit %t/a.wasm -f api.do-plain -o %t/b.wasm; cmp %t/a.wasm %t/b.wasm; tenon run --invoke get %t/a.wasm
;; RUN: preinit % -f 'api#add(2)' -o %t/a.wasm; tenon preinit %t/a.wasm -f 't:p/api.add(2)' -o %t/b.wasm; cmp %t/a.wasm %t/b.wasm; tenon preinit %t/a.wasm -f 't:p/api@1.0.0#add(3)' | tenon run --invoke get -
;; RUN: preinit % -f table::fill -o %t/a.wasm; tenon preinit %t/a.wasm -f table::fill -o %t/b.wasm; tenon preinit %t/a.wasm -f fill -o %t/c.wasm; tenon preinit %t/a.wasm -f _ZN5table4fillEv -o %t/d.wasm; cmp %t/a.wasm %t/b.wasm; cmp %t/a.wasm %t/c.wasm; cmp %t/a.wasm %t/d.wasm
;; RUN: preinit % -f one --keep-init-func -o %t/a.wasm; tenon preinit %t/a.wasm -f one --keep-init-func -o %t/b.wasm; cmp %t/a.wasm %t/b.wasm; tenon run --invoke get %t/a.wasm
;; RUN: preinit % -f do_it | tenon run --invoke get -
;; RUN: preinit % -f 'add-to(1)' --report - --measure 1 --first-call get -o %t/m.wasm | grep -c -e '^start before' -e '^first call before'
;; FAIL: preinit % -f 'one(5)' -o %t/no.wasm
;; FAIL: preinit % -f one --instance 2 -o %t/no.wasm
;; What has run is recorded under every name of it, also when it stays exported: the second run changes nothing. A call with
;; other arguments is another one.
(component
  (core module $m
    (global $g (mut i32) (i32.const 0))
    (func $add (export "add") (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
    (func (export "plain") (call $add (i32.const 1000)))
    (func (export "one") (call $add (i32.const 1)))
    (func (export "_ZN5table4fillEv") (call $add (i32.const 7)))
    (func (export "get") (result i32) (global.get $g)))
  (core instance $i (instantiate $m))
  (func $plain (canon lift (core func $i "plain")))
  (func $add (param "n" u32) (canon lift (core func $i "add")))
  (instance $api (export "do-plain" (func $plain)) (export "add" (func $add)))
  (export "t:p/api@1.0.0" (instance $api))
  (export "do-it" (func $plain))
  (export "add-to" (func $add))
  (func (export "get") (result u32) (canon lift (core func $i "get"))))
