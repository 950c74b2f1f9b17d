;; RUN: preinit % -f init --mocks %.json -o %t/out.wasm --report -
;; RUN: validate %t/out.wasm; tenon print %t/out.wasm
;; RUN: preinit %t/out.wasm -f init -o %t/again.wasm; cmp %t/out.wasm %t/again.wasm
;; RUN: preinit % -f init --mocks %.json --keep-imports | tenon print - | grep '^  (import'
;; FAIL: preinit % -f twice --mocks %.json -o %t/no.wasm
;; FAIL: preinit % -f init -o %t/no.wasm
;; An import that only the initialisation needed goes, also where it passes through the table of a shim that another
;; module fills. `keep` is still called; of `both` one function is, so the instance stays.
(component
  (import "start" (func $start (param "s" string)))
  (import "keep" (func $keep))
  (import "both" (instance $both (export "a" (func (result u32))) (export "b" (func))))
  (import "gone" (instance $gone (export "seed" (func (result u32)))))
  (core module $shim
    (type $t (func (param i32 i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (type $t) (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))))
  (core instance $shim (instantiate $shim))
  (core func $keep (canon lower (func $keep)))
  (core func $a (canon lower (func $both "a")))
  (core func $b (canon lower (func $both "b")))
  (core func $seed (canon lower (func $gone "seed")))
  (core module $m
    (import "env" "start" (func $start (param i32 i32)))
    (import "env" "keep" (func $keep))
    (import "env" "seed" (func $seed (result i32)))
    (import "env" "a" (func $a (result i32)))
    (import "env" "b" (func $b))
    (memory (export "memory") 1)
    (data (i32.const 16) "begin")
    (global $g (mut i32) (i32.const 0))
    (func (export "init") (call $start (i32.const 16) (i32.const 5)) (global.set $g (i32.add (call $seed) (call $a))))
    (func (export "twice") (drop (call $seed)) (drop (call $seed)))
    (func (export "use") (call $keep) (call $b))
    (func (export "get") (result i32) (global.get $g)))
  (core instance $i (instantiate $m (with "env" (instance
    (export "start" (func $shim "0")) (export "keep" (func $keep)) (export "seed" (func $seed))
    (export "a" (func $a)) (export "b" (func $b))))))
  (core func $start (canon lower (func $start) (memory (core memory $i "memory"))))
  (core module $fill
    (import "" "0" (func (param i32 i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func 0))
  (core instance (instantiate $fill (with "" (instance (export "0" (func $start)) (export "$imports" (table $shim "$imports"))))))
  (func (export "init") (canon lift (core func $i "init")))
  (func (export "use") (canon lift (core func $i "use")))
  (func (export "get") (result u32) (canon lift (core func $i "get"))))
