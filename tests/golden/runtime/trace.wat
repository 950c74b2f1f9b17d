;; RUN: run --trace abi --invoke "run(3)" %
;; Every crossing of a component's border, with the values in WAVE.
(component
  (component $Inner
    (core module $M (memory (export "mem") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
      (func (export "len") (param i32 i32) (result i32) (local.get 1)))
    (core instance $m (instantiate $M))
    (func (export "len") (param "s" string) (result u32)
      (canon lift (core func $m "len") (memory (core memory $m "mem")) (realloc (core func $m "realloc")))))
  (component $Outer
    (import "len" (func $len (param "s" string) (result u32)))
    (core module $L (memory (export "mem") 1) (data (i32.const 8) "hello"))
    (core instance $l (instantiate $L))
    (core func $lowered (canon lower (func $len) (memory (core memory $l "mem"))))
    (core module $M (import "" "len" (func $len (param i32 i32) (result i32)))
      (func (export "run") (param i32) (result i32)
        (i32.add (local.get 0) (call $len (i32.const 8) (i32.const 5)))))
    (core instance $m (instantiate $M (with "" (instance (export "len" (func $lowered))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))
  (instance $inner (instantiate $Inner))
  (instance $outer (instantiate $Outer (with "len" (func $inner "len"))))
  (export "run" (func $outer "run")))
