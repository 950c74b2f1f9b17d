;; RUN: parse % | tenon component targets wit/targets.wit -w w -
;; FAIL: parse % | tenon component targets wit/targets.wit -w more -
;; FAIL: parse % | tenon component targets wit/targets.wit -w other-type -
;; FAIL: parse % | tenon component targets wit/targets.wit -w none -
;; A component fits a world when it imports no more and exports no less.
(component
  (import "a:b/logger" (instance $logger (export "flush" (func))))
  (core module $m (func (export "run") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $run (result u32) (canon lift (core func $i "run")))
  (export "run" (func $run)))
