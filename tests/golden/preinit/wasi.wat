;; RUN: preinit % -f init -o %t/r.wasm --report -
;; RUN: preinit % -f init -o %t/a.wasm; tenon preinit % -f init --random-seed 1 -o %t/b.wasm; cmp -s %t/a.wasm %t/b.wasm || echo another seed, other numbers
;; FAIL: preinit % -f now
;; RUN: preinit % -f now --allow-wasi --report - -o %t/c.wasm
;; Random numbers come from a seed and the environment is empty; clocks are refused unless they are allowed, and stand still.
(component
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "wasi:cli/environment@0.2.0" (instance $env (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (core module $libc (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $libc (instantiate $libc))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core func $env (canon lower (func $env "get-environment") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $now (canon lower (func $clock "now")))
  (core module $m
    (import "" "random" (func $random (result i64)))
    (import "" "env" (func $env (param i32)))
    (import "" "now" (func $now (result i64)))
    (import "" "memory" (memory 1))
    (func (export "init")
      (i64.store (i32.const 8) (call $random))
      (call $env (i32.const 16))
      (if (i32.load (i32.const 20)) (then unreachable)))
    (func (export "now") (if (i64.ne (call $now) (call $now)) (then unreachable))))
  (core instance (instantiate $m (with "" (instance
    (export "random" (func $random)) (export "env" (func $env)) (export "now" (func $now))
    (export "memory" (memory $libc "memory")))))))
