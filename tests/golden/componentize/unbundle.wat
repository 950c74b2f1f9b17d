;; RUN: parse % -o %t/in.wasm
;; RUN: component unbundle %t/in.wasm --module-dir %t -o %t/out.wasm
;; RUN: print %t/out.wasm
;; RUN: print %t/unbundled-module0.wasm
;; RUN: print %t/unbundled-module1.wasm
;; Core modules become files, and imports of the component.
(component
  (core type $f (func (param i32)))
  (core module $a (func (export "f") (param i32)))
  (core module $b (import "a" "f" (func (param i32))) (memory (export "memory") 1))
  (core instance $a (instantiate $a))
  (core instance $b (instantiate $b (with "a" (instance $a)))))
