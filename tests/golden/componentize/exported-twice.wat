;; RUN: component embed wit/exported-twice.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: validate --features cm-implements %t/out.wasm
;; RUN: component targets wit/exported-twice.wit %t/out.wasm
;; An interface that is exported under two names has two resources; what uses it means the one under
;; its own name.
(module
  (import "[export]one" "[resource-new]r" (func $new_one (param i32) (result i32)))
  (import "[export]a:twice/types" "[resource-new]r" (func $new (param i32) (result i32)))
  (func (export "one#[constructor]r") (param i32) (result i32) (call $new_one (local.get 0)))
  (func (export "a:twice/types#[constructor]r") (param i32) (result i32) (call $new (local.get 0)))
  (func (export "a:twice/api#look") (param i32) (result i32) (local.get 0)))
