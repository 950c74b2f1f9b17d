;; RUN: component embed wit/run.wit % -o %t/once.wasm
;; RUN: component embed wit/run.wit %t/once.wasm | tenon inspect -
;; Embedding the same world again replaces it; other sections stay.
(module
  (@custom "mine" "\00\01")
  (func (export "run") (result i32) i32.const 0))
