;; FAIL(2): run --invoke add % 1 2
;; FAIL(2): run --invoke greet % world
;; FAIL(2): run --invoke greet % "it's"
;; FAIL(2): run --invoke names % '["a", b]'
;; FAIL: run --invoke "greet("world")" %
;; FAIL: run --invoke "greet(two words)" %
;; FAIL: run --invoke "names(["a", "b"])" %
;; FAIL: run --invoke "letter('x', y)" %
;; FAIL: run --invoke 'add(1, x)' %
;; FAIL: run --invoke add %
;; FAIL: run --invoke 'greet(“world”)' %
;; FAIL: run --invoke 'greet(`world`)' %
;; FAIL: run --invoke 'maybe(null)' %
;; FAIL: run --invoke 'maybe(word)' %
;; RUN: run --invoke 'greet("world")' %
;; Arguments behind the component, and quotes that the shell took: the line that was meant.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 8))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3))))
    (func (export "greet") (param i32 i32) (result i32) (local.get 1))
    (func (export "letter") (param i32) (result i32) (local.get 0))
    (func (export "maybe") (param i32 i32 i32) (result i32) (local.get 0))
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
  (func (export "maybe") (param "word" (option string)) (result u32)
    (canon lift (core func $i "maybe") (memory $memory) (realloc $realloc)))
  (func (export "letter") (param "letter" char) (result u32) (canon lift (core func $i "letter")))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))
