;; RUN: run --invoke "my:pkg/store@2.0.0#get()" %
(component
  (core module $M (func (export "get") (result i32) (i32.const 7)))
  (core instance $m (instantiate $M))
  (func $get (result u32) (canon lift (core func $m "get")))
  (instance (export "my:pkg/store@2.0.0") (export "get" (func $get))))
