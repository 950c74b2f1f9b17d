;; RUN: component embed wit/run.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: print %t/out.wasm
;; RUN: test %t/out.wasm thread-state.json -q
;; Modules for wasm32-wasip3 ask for the stack pointer and the base of thread-local data. The first
;; stands in the context of the task; the second, in a program of one thread, in a global, which
;; outlives the tasks.
(module
  (import "env" "__wasm_get_stack_pointer" (func $get_sp (result i32)))
  (import "env" "__wasm_set_stack_pointer" (func $set_sp (param i32)))
  (import "env" "__wasm_get_tls_base" (func $get_tls (result i32)))
  (import "env" "__wasm_set_tls_base" (func $set_tls (param i32)))
  (func (export "_initialize") (call $set_tls (i32.const 100)))
  (func (export "run") (result i32)
    (call $set_sp (i32.add (call $get_sp) (i32.const 7)))
    (call $set_tls (i32.add (call $get_tls) (i32.const 1000)))
    (i32.add (call $get_sp) (call $get_tls))))
