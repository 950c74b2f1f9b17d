;; RUN: component embed wit/resource.wit % | tenon component new - | tenon print -
;; An exported resource with its destructor, which needs the shim: the resource's type comes before the module.
(module
  (import "[export]a:b/store" "[resource-new]counter" (func (param i32) (result i32)))
  (import "[export]a:b/store" "[resource-rep]counter" (func (param i32) (result i32)))
  (import "[export]a:b/store" "[resource-drop]counter" (func (param i32)))
  (func (export "a:b/store#[constructor]counter") (param i32) (result i32) local.get 0)
  (func (export "a:b/store#[method]counter.next") (param i32) (result i32) local.get 0)
  (func (export "a:b/store#[static]counter.merge") (param i32 i32) (result i32) local.get 0)
  (func (export "a:b/store#[dtor]counter") (param i32)))
