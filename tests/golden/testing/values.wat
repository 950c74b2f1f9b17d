;; RUN: test % right.json -q
;; FAIL: test % wrong.json -q
;; FAIL: test % wrong.json --tap
;; FAIL: test % wrong.json --junit %t/junit.xml -q >/dev/null; code=$?; sed -E 's/time="[0-9.]*"/time="T"/g' %t/junit.xml; exit $code
;; FAIL: test % right.json wrong.json --format json >%t/json; code=$?; sed -E 's/(milliseconds": )[0-9.]*/\1T/' %t/json; exit $code
;; RUN: test % --list
;; RUN: test % --generate
;; RUN: test % wrong.json --filter resource -q
;; RUN: test % right.json --jobs 4 -q
;; RUN: test % right.json >%t/out; sed -E 's/[0-9.]+ ms/T ms/' %t/out
;; FAIL: test % forever.json --timeout 1 >%t/out; code=$?; head -3 %t/out; exit $code
;; What cases can expect, and how each report shows what was found.
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 16) "\07\00\00\00\00\00\00\00\00\00\00\00\00\00\f8\3f")  ;; 7, 1.5
    (data (i32.const 32) "\28\00\00\00\03\00\00\00\01\00\00\00\02\00\00\00\03\00\00\00")  ;; [1, 2, 3]
    (global $count (mut i32) (i32.const 0))
    (func (export "pair") (result i32) (i32.const 16))
    (func (export "numbers") (result i32) (i32.const 32))
    (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
    (func (export "third") (result f64) (f64.div (f64.const 1) (f64.const 3)))
    (func (export "boom") (unreachable))
    (func (export "forever") (loop (br 0)))
    (func (export "new") (param i32) (result i32) (global.set $count (local.get 0)) (i32.const 1))
    (func (export "next") (param i32) (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (type $counter (resource (rep i32)))
  (export $c "counter" (type $counter))
  (core func $resource.new (canon resource.new $counter))
  (core module $make
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "handle" (func $handle (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $handle (call $new (local.get 0)))))
  (core instance $j (instantiate $make (with "" (instance
    (export "new" (func $i "new")) (export "handle" (func $resource.new))))))
  (func (export "[constructor]counter") (param "start" u32) (result (own $c)) (canon lift (core func $j "make")))
  (func (export "[method]counter.next") (param "self" (borrow $c)) (result u32) (canon lift (core func $i "next")))
  (func (export "pair") (result (tuple u32 f64)) (canon lift (core func $i "pair") (memory $mem)))
  (func (export "numbers") (result (list u32)) (canon lift (core func $i "numbers") (memory $mem)))
  (func (export "half") (param "x" f64) (result f64) (canon lift (core func $i "half")))
  (func (export "third") (result f64) (canon lift (core func $i "third")))
  (func (export "boom") (canon lift (core func $i "boom")))
  (func (export "forever") (canon lift (core func $i "forever"))))
