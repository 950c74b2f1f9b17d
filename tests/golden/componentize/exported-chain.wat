;; RUN: component embed wit/exported-chain.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: component targets wit/exported-chain.wit %t/out.wasm
;; RUN: wit print %t/out.wasm
;; RUN: test %t/out.wasm exported-chain.json -q
;; Exported interfaces that use each other's types, through a chain and under other names: records are
;; the records of the interface that defines them, and its resource is one for all.
(module
  (import "[export]a:chain/types" "[resource-new]r" (func $new (param i32) (result i32)))
  (import "[export]a:chain/types" "[resource-rep]r" (func $rep (param i32) (result i32)))
  (import "[export]a:chain/types" "[resource-drop]r" (func $drop (param i32)))
  (memory (export "memory") 1)
  (func (export "a:chain/types#[constructor]r") (param i32) (result i32) (call $new (local.get 0)))
  (func (export "a:chain/types#[method]r.get") (param i32) (result i32) (local.get 0))
  (func (export "a:chain/api#count") (result i32) (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 2))
    (i32.store (i32.const 64) (i32.const 10)) (i32.store (i32.const 68) (i32.const 20)) (i32.const 0))
  (func (export "a:chain/api#eat") (param i32) (result i32)
    (local i32)
    (local.set 1 (call $rep (local.get 0)))
    (call $drop (local.get 0))
    (local.get 1))
  (func (export "anon#mk") (param i32) (result i32) (call $new (local.get 0)))
  (func (export "anon#look") (param i32) (result i32) (local.get 0))
  (func (export "anon#none") (result i32) (i64.store (i32.const 0) (i64.const 0)) (i32.const 0)))
