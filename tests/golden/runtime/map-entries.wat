;; RUN: run --invoke 'count({})' %
;; RUN: run --invoke 'count({:})' %
;; RUN: run --invoke 'count({"a": 1, "b": 2,})' %
;; RUN: run --invoke 'count({"a": 1, "b": 2, "\u{61}": 3})' %
;; RUN: run --invoke 'count([("a", 1), ("a", 2)])' %
;; FAIL: run --invoke 'count({a: 1})' %
;; FAIL: run --invoke 'count({"a": 1, "b"})' %
;; RUN: run --invoke 'echo({"b": 2, "a": 1, "b": 3})' %
;; RUN: run --invoke 'echo({})' %
;; RUN: run --invoke 'pairs([("a", 1), ("a", 2)])' %
;; RUN: run --invoke 'deep([{m: {"x": 1}}, {m: {}}])' %
;; A map is written as its entries; the last of those with one key counts. The list of pairs is given as it is.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 8))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $end)
      (global.set $end (i32.and (i32.add (i32.add (global.get $end) (local.get 3)) (i32.const 7)) (i32.const -8))))
    (func (export "count") (param i32 i32) (result i32) (local.get 1))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "count") (param "m" (map string u32)) (result u32)
    (canon lift (core func $i "count") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "echo") (param "m" (map string u32)) (result (map string u32))
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "pairs") (param "m" (list (tuple string u32))) (result (list (tuple string u32)))
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (type $r' (record (field "m" (map string u32))))
  (export $r "r" (type $r'))
  (func (export "deep") (param "m" (list $r)) (result (list $r))
    (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
