;; RUN: component embed wit/adapter.wit adapter.wat.in -o %t/old.wasm
;; RUN: component embed wit/run.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm | tenon print --skeleton -
;; An adapter for nothing leaves no trace.
(module
  (func (export "run") (result i32) i32.const 0))
