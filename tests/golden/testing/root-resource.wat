;; RUN: test % --list
;; RUN: inspect % | head -6
(component
  (type $r' (resource (rep i32)))
  (export $r "thing" (type $r'))
  (core func $new (canon resource.new $r'))
  (core module $m (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 1)))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (result (own $r)) (canon lift (core func $i "make")))
  (func $get (param "self" (borrow $r)) (result u32) (canon lift (core func $i "get")))
  (export "[constructor]thing" (func $make))
  (export "[method]thing.get" (func $get))
)
