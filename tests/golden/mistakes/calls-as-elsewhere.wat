;; FAIL: run --invoke 'greet(world' %
;; FAIL: run --invoke 'add 1 2' %
;; FAIL: run --invoke 'add(1 2)' %
;; FAIL: run --invoke 'add(1, 2);' %
;; FAIL: run --invoke 'greet('"'"'world'"'"')' %
;; FAIL: run --invoke 'add(a=1, b=2)' %
;; FAIL: run --invoke 'add("1", 2)' %
;; FAIL: --version >/dev/null; cd %t; tenon parse $OLDPWD/calls-as-elsewhere.wat -o c.wasm; tenon run add c.wasm
;; Calls as shells and other languages write them: each message has the line to type.
(component (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))) (memory (export "mem") 1) (func (export "half") (result f64) (f64.const 0.5))
 (global $p (mut i32) (i32.const 64)) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (global.get $p))
 (func (export "greet") (param i32 i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)))
 (core instance $i (instantiate $m))
 (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
 (func (export "half") (result f64) (canon lift (core func $i "half")))
 (func (export "greet") (param "name" string) (result string) (canon lift (core func $i "greet") (memory (core memory $i "mem")) (realloc (core func $i "realloc")))))
