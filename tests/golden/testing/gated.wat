;; RUN: test % gated.json -q
;; RUN: test % --list
;; A component is tested whose world has features behind gates: a property, a list of fixed length and an interface by its
;; canonical name. `test` has no option that would open them.
(component
  (import "example:dep/a@0.1" (version-suffix ".2") (instance $a (export "f" (func (result u32)))))
  (core func $f (canon lower (func $a "f")))
  (core module $m
    (import "" "f" (func $f (result i32)))
    (global $size (mut i32) (i32.const 7))
    (func (export "get") (result i32) (global.get $size))
    (func (export "set") (param i32) (global.set $size (local.get 0)))
    (func (export "sum") (param i32 i32 i32) (result i32)
      (i32.add (call $f) (i32.add (local.get 0) (i32.add (local.get 1) (local.get 2))))))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "[get]size") (result u32) (canon lift (core func $i "get")))
  (func (export "[set]size") (param "v" u32) (canon lift (core func $i "set")))
  (func (export "sum") (param "x" (list u32 3)) (result u32) (canon lift (core func $i "sum"))))
