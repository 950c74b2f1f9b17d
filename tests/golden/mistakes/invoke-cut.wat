;; FAIL(2): run --invoke add 1 2 %
;; FAIL(2): run --invoke "greet("hello world")" %
;; FAIL(2): run --invoke greet hello world %
;; FAIL(2): run % --invoke add 1 2
;; FAIL(2): run % --invoke=add 1 2
;; FAIL(2): run % add 1 2
;; FAIL(2): run % "greet(x)"
;; FAIL(2): run % 3
;; FAIL: run --invoke 'p(null)' %
;; FAIL: run --invoke 'p(Some(1))' %
;; FAIL: run --invoke 'b(True)' %
;; FAIL: run --invoke 'words.shout("x")' %
;; FAIL: run --invoke 'words/shout("x")' %
;; FAIL: run --invoke 'words::shout("x")' %
;; FAIL(2): x.wasm
;; FAIL: run --max-memory 64k --invoke 'b(true)' %
;; A call that a shell cuts, or that comes after the component; words and paths of other languages.
(component
  (core module $m
    (memory (export "m") 2)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "string") (param i32 i32))
    (func (export "option") (param i32 i32))
    (func (export "bool") (param i32)))
  (core instance $i (instantiate $m))
  (alias core export $i "m" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (func (export "add") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add")))
  (func $greet (export "greet") (param "s" string)
    (canon lift (core func $i "string") (memory $mem) (realloc $realloc)))
  (func (export "p") (param "x" (option u32)) (canon lift (core func $i "option")))
  (func (export "b") (param "x" bool) (canon lift (core func $i "bool")))
  (instance $words (export "shout" (func $greet)))
  (export "a:b/words" (instance $words)))
