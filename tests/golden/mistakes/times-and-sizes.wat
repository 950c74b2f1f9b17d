;; FAIL(134): run --timeout 0.2 --invoke 'spin()' % 2>/dev/null
;; FAIL(134): run --timeout 200ms --invoke 'spin()' % 2>/dev/null
;; RUN: run --timeout 60s --max-memory 64M --invoke 'add(1, 2)' %
;; RUN: run --timeout 2m --max-memory 64MiB --invoke 'add(1, 2)' %
;; RUN: run --timeout 1h --max-memory '1.5 GiB' --invoke 'add(1, 2)' %
;; FAIL: run --max-memory 1K --invoke 'add(1, 2)' %
;; FAIL(2): run --timeout 5x --invoke 'spin()' %
;; FAIL(2): run --timeout -1 --invoke 'spin()' %
;; FAIL(2): run --max-memory 64Q --invoke 'spin()' %
;; FAIL(2): run --max-memory lots --invoke 'spin()' %
;; FAIL(2): test % cases-for-add.json --timeout soon
;; FAIL(2): --version >/dev/null; tenon parse % -o %t/c.wasm; tenon component unbundle %t/c.wasm --threshold much
;; Times and sizes have units.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 8))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3))))
    (func (export "greet") (param i32 i32) (result i32) (local.get 1))
    (func (export "letter") (param i32) (result i32) (local.get 0))
    (func (export "names") (param i32 i32) (result i32) (local.get 1))
    (func (export "spin") (loop (br 0)))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (func (export "greet") (param "name" string) (result u32)
    (canon lift (core func $i "greet") (memory $memory) (realloc $realloc)))
  (func (export "names") (param "names" (list string)) (result u32)
    (canon lift (core func $i "names") (memory $memory) (realloc $realloc)))
  (func (export "letter") (param "letter" char) (result u32) (canon lift (core func $i "letter")))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))
