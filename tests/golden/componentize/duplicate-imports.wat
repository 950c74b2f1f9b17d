;; RUN: component embed wit/twice.wit % | tenon component new - -o %t/out.wasm
;; RUN: print %t/out.wasm
;; RUN: wit print %t/out.wasm
;; A module may import one thing several times, as Go's linker leaves it: the component gives each
;; a name of its own. A name that is taken already is passed over.
(module
  (import "a:twice/host" "ping" (func $a (param i32)))
  (import "a:twice/host" "ping" (func $b (param i32)))
  (import "a:twice/host" "pong" (func $c (param i32)))
  (import "a:twice/host" "ping" (func $d (param i32)))
  (func (export "go") (call $a (i32.const 1)) (call $b (i32.const 2)) (call $c (i32.const 3)) (call $d (i32.const 4))))
