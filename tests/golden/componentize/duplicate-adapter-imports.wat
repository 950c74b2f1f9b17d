;; RUN: component embed wit/adapter.wit adapter-state.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm -o %t/out.wasm
;; RUN: run --invoke 'run()' %t/out.wasm
;; What an adapter gives may be imported twice, too.
(module
  (import "old" "state" (func $a (result i32)))
  (import "old" "state" (func $b (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (i32.add (call $a) (call $b))))
