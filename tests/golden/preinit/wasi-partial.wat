;; RUN: preinit % -f init --allow-wasi -o %t/out.wasm --report - | grep called
;; FAIL: preinit % -f odd --allow-wasi -o %t/no.wasm
;; FAIL: preinit % -f made-up --allow-wasi -o %t/no.wasm
;; FAIL: preinit % -f log --allow-wasi -o %t/no.wasm
;; Beside what WASI has, imports that nobody provides trap with their names when they are called, and take nothing away from
;; the interfaces that they stand in.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:clocks/made-up@0.2.0" (instance $made-up (export "x" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64))) (export "get-odd" (func (result u64)))))
  (import "log" (func $log (param "n" u32)))
  (core func $now (canon lower (func $clock "now")))
  (core func $odd (canon lower (func $random "get-odd")))
  (core func $r (canon lower (func $random "get-random-u64")))
  (core func $x (canon lower (func $made-up "x")))
  (core func $log (canon lower (func $log)))
  (core module $m
    (import "" "now" (func $now (result i64)))
    (import "" "r" (func $r (result i64)))
    (import "" "odd" (func $odd (result i64)))
    (import "" "x" (func $x (result i64)))
    (import "" "log" (func $log (param i32)))
    (global $g (mut i64) (i64.const 0))
    (func (export "init") (global.set $g (i64.add (call $r) (call $now))))
    (func (export "made-up") (drop (call $x)))
    (func (export "odd") (drop (call $odd)))
    (func (export "log") (call $log (i32.const 1))))
  (core instance $i (instantiate $m (with "" (instance (export "now" (func $now)) (export "r" (func $r))
    (export "odd" (func $odd)) (export "x" (func $x)) (export "log" (func $log)))))))
