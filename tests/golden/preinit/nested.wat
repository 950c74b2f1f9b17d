;; RUN: preinit % --features cm-values -f init -o %t/out.wasm --report -
;; RUN: validate %t/out.wasm
;; RUN: run --invoke get %t/out.wasm
;; RUN: print %t/out.wasm | grep -E 'core module|component|global|data|start'
;; RUN: preinit %t/out.wasm -f init -o %t/again.wasm; cmp %t/out.wasm %t/again.wasm
;; Nested components, a module and a component instantiated several times with different states, aliases of what is
;; further out, start functions of modules and of the component.
(component
  (core module $counter
    (import "env" "step" (global $step i32))
    (memory (export "memory") 1)
    (global $n (export "n") (mut i32) (i32.const 0))
    (data (i32.const 8) "same")
    (func $start (global.set $n (i32.const 1)))
    (start $start)
    (func (export "add") (global.set $n (i32.add (global.get $n) (global.get $step)))
      (i32.store8 (i32.const 100) (global.get $n)))
    (func (export "get") (result i32) (i32.add (global.get $n) (i32.load8_u (i32.const 100)))))
  (core module $steps
    (global (export "one") i32 (i32.const 1))
    (global (export "ten") i32 (i32.const 10)))
  (core instance $steps (instantiate $steps))
  (core instance $by1 (instantiate $counter
    (with "env" (instance (export "step" (global $steps "one"))))))
  (core instance $by10 (instantiate $counter
    (with "env" (instance (export "step" (global $steps "ten"))))))
  (component $inner
    (import "tick" (func $tick))
    (core func $lowered (canon lower (func $tick)))
    (core instance $s (instantiate $steps))
    (core instance $c (instantiate $counter
      (with "env" (instance (export "step" (global $s "ten"))))))
    (func $add (canon lift (core func $c "add")))
    (export "own-add" (func $add))
    (func (export "get") (result u32) (canon lift (core func $c "get")))
    (core module $steps2 (global (export "one") i32 (i32.const 100)))
    (component $deeper
      (alias outer 2 0 (core module $m))
      (alias outer $inner $steps2 (core module $s))
      (core instance $s (instantiate $s))
      (core instance $c (instantiate $m (with "env" (instance (export "step" (global $s "one"))))))
      (func (export "add") (canon lift (core func $c "add"))))
    (instance $deep (instantiate $deeper))
    (export "add" (func $deep "add")))
  (func $tick (canon lift (core func $by1 "add")))
  (instance $a (instantiate $inner (with "tick" (func $tick))))
  (instance $b (instantiate $inner (with "tick" (func $tick))))
  (instance $c (instantiate $inner (with "tick" (func $tick))))
  (core func $a-add (canon lower (func $a "own-add")))
  (core func $b-deep (canon lower (func $b "add")))
  (core func $b-get (canon lower (func $b "get")))
  (core module $main
    (import "" "by1" (func $by1))
    (import "" "by10" (func $by10))
    (import "" "a" (func $a))
    (import "" "b" (func $b))
    (import "" "get1" (func $get1 (result i32)))
    (import "" "get10" (func $get10 (result i32)))
    (import "" "get-b" (func $get-b (result i32)))
    (func (export "init") (call $by1) (call $by10) (call $by10) (call $a) (call $b))
    (func (export "started") (call $by10))
    (func (export "get") (result i32)
      (i32.add (i32.add (call $get1) (i32.mul (call $get10) (i32.const 1000))) (i32.mul (call $get-b) (i32.const 1000000)))))
  (core instance $main (instantiate $main (with "" (instance
    (export "by1" (func $by1 "add")) (export "by10" (func $by10 "add")) (export "a" (func $a-add)) (export "b" (func $b-deep))
    (export "get1" (func $by1 "get")) (export "get10" (func $by10 "get")) (export "get-b" (func $b-get))))))
  (func $started (canon lift (core func $main "started")))
  (start $started)
  (func (export "init") (canon lift (core func $main "init")))
  (func (export "get") (result u32) (canon lift (core func $main "get"))))
