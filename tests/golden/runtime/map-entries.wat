;; RUN: run --invoke 'count({})' %
;; RUN: run --invoke 'count({:})' %
;; RUN: run --invoke 'count({"a": 1, "b": 2,})' %
;; RUN: run --invoke 'count({"a": 1, "b": 2, "\u{61}": 3})' %
;; RUN: run --invoke 'count([("a", 1), ("a", 2)])' %
;; FAIL: run --invoke 'count({a: 1})' %
;; FAIL: run --invoke 'count({"a": 1, "b"})' %
;; A map is written as its entries; the last of those with one key counts. The list of pairs is given as it is.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 8))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $end)
      (global.set $end (i32.and (i32.add (i32.add (global.get $end) (local.get 3)) (i32.const 7)) (i32.const -8))))
    (func (export "count") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (func (export "count") (param "m" (map string u32)) (result u32)
    (canon lift (core func $i "count") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
