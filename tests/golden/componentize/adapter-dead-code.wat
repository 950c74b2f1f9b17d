;; RUN: component embed wit/adapter.wit adapter-dead-code.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm -o %t/out.wasm
;; RUN: run --invoke 'run()' %t/out.wasm
;; What is not valid in an adapter does no harm where nobody needs it.
(module
  (import "old" "seven" (func $seven (result i32)))
  (func (export "run") (result i32) (call $seven)))
