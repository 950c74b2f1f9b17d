;; RUN: print %
;; RUN: print % --fold
;; Names, a shadowed label, floats, segments and a custom section.
(module $demo
  (type $t (func (param i32) (result i32)))
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 2)
  (table 2 funcref)
  (elem (i32.const 0) $twice $log)
  (global $g (mut i32) (i32.const 5))
  (func $twice (export "twice") (type $t) (param $x i32) (result i32) (local $y f64)
    (block $out (result i32)
      (if (i32.eqz (local.get $x)) (then (br $out (i32.const 0))))
      (local.set $y (f64.const 0x1.8p+1))
      (call $log (local.get $x))
      (i32.mul (local.get $x) (i32.const 2))))
  (func $"with space" (call $log (global.get $g)))
  (data (i32.const 8) "text \00\ff")
  (@custom "note" "kept"))
