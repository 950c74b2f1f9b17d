;; RUN: component embed wit/adapter.wit adapter-state.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm -o %t/out.wasm
;; RUN: run --invoke 'run()' %t/out.wasm
;; Without an allocator of the module the adapter has its stack when the component is made, and its
;; `allocation_state` says so: an adapter that reads 0 there does nothing.
(module
  (import "old" "state" (func $state (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (call $state)))
