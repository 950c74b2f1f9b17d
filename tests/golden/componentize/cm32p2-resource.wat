;; RUN: component embed wit/resource.wit % | tenon component new - | tenon print -
;; A resource by these names.
(module
  (import "cm32p2|_ex_a:b/store" "counter_new" (func (param i32) (result i32)))
  (import "cm32p2|_ex_a:b/store" "counter_drop" (func (param i32)))
  (func (export "cm32p2|a:b/store|[constructor]counter") (param i32) (result i32) local.get 0)
  (func (export "cm32p2|a:b/store|[method]counter.next") (param i32) (result i32) local.get 0)
  (func (export "cm32p2|a:b/store|[static]counter.merge") (param i32 i32) (result i32) local.get 0)
  (func (export "cm32p2|a:b/store|counter_dtor") (param i32)))
