;; RUN: preinit % -f init -o %t/out.wasm; tenon validate %t/out.wasm; tenon print %t/out.wasm | grep "i32.const 1"
;; RUN: preinit % -f other -o %t/out.wasm; tenon validate %t/out.wasm; tenon print %t/out.wasm | grep 'i32.const 5'
;; A component that is passed as an argument is specialised where it is instantiated, also one with aliases of what is around both.
(component $top
  (core module $m (global $n (mut i32) (i32.const 0)) (func (export "init") (global.set $n (i32.const 1))))
  (component $c
    (alias outer $top $m (core module $m))
    (core instance $i (instantiate $m))
    (func (export "init") (canon lift (core func $i "init"))))
  (component $closed
    (core module $m (global $n (mut i32) (i32.const 0)) (func (export "init") (global.set $n (i32.const 5))))
    (core instance $i (instantiate $m))
    (func (export "init") (canon lift (core func $i "init"))))
  (component $d
    (import "c" (component $c (export "init" (func))))
    (instance $i (instantiate $c))
    (export "init" (func $i "init")))
  (instance $d (instantiate $d (with "c" (component $c))))
  (instance $e (instantiate $d (with "c" (component $closed))))
  (export "init" (func $d "init"))
  (export "other" (func $e "init")))
