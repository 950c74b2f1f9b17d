;; RUN: component embed wit/run.wit % | tenon component new - | tenon wit print -
;; Functions and interfaces that the module does not import are no imports of the component.
(module
  (import "a:b/logger" "flush" (func $flush))
  (func (export "run") (result i32) call $flush i32.const 7))
