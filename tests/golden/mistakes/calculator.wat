;; RUN: test % cases-for-add.json -q
;; FAIL: test % misspelt-function.json
;; FAIL: test % wrong-type.json
;; FAIL: test % too-few-arguments.json
;; FAIL: test % misspelt-key.json
;; FAIL: test % broken.json
;; FAIL: test % wrong-result.json
;; FAIL: test % needless-mock.json
;; FAIL: test % no-such-file.json
;; FAIL(2): test %
;; FAIL: run --invoke 'ad(1, 2)' %
;; FAIL: run --invoke 'add(1)' %
;; FAIL: run --invoke 'add(1, "two")' %
(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (instance $adder (export "add" (func $add)))
  (export "local:demo/adder@1.0.0" (instance $adder)))
