;; FAIL: preinit % -f keep -o %t/no.wasm
;; RUN: preinit % -f drop | tenon run --invoke last -
;; FAIL: preinit % -f twice
;; RUN: preinit % -f twice --instance 1 | tenon run --invoke last -
;; A handle that is alive has no place in a binary, and a function that two instances have is chosen.
(component
  (type $r' (resource (rep i32)))
  (export $r "file" (type $r'))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (global $last (mut i32) (i32.const 0))
    (func (export "keep") (global.set $last (call $new (i32.const 7))))
    (func (export "drop") (global.set $last (call $new (i32.const 7))) (call $drop (global.get $last)))
    (func (export "twice") (global.set $last (i32.const 5)))
    (func (export "last") (result i32) (global.get $last)))
  (core module $n (func (export "twice")))
  (core instance (instantiate $n))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "last") (result u32) (canon lift (core func $i "last"))))
