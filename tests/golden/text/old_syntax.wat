;; FAIL: parse %
;; RUN: parse --legacy % | tenon print -
;; Forms of before 2025: the message tells the form of today, `--legacy` reads the old one.
(component
  (import (interface "a:b/c") (instance (export "f" (func (param "x" float32) (result float64)))))
  (core module $m
    (memory (export "mem") 1)
    (func (export "f") (param i32 i32))
    (func (export "d") (param i32))
    (func (export "re") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (core func $re (alias core export $i "re"))
  (type (resource (rep i32) (dtor (func $i "d"))))
  (func (param "s" string)
    (canon lift (core func $i "f") (memory $i "mem") (realloc (func $re))))
  (core func (canon waitable-set.wait (memory $i "mem"))))
