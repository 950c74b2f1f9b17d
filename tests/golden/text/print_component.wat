;; RUN: print %
;; Inline forms are written out, identifiers stay.
(component $c
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core module $m
    (import "poll" "block" (func $block (param i32)))
    (func (export "run") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m (with "poll" (instance (export "block" (func $block))))))
  (func $run (result u32) (canon lift (core func $i "run")))
  (export "run" (func $run)))
