;; RUN: preinit % -f init --mocks %.json -o %t/out.wasm --report - --measure 1 | grep -c -e 'import removed: value' -e '^start before'
;; RUN: preinit % -f grow -o %t/out.wasm --max-memory 4MiB
;; FAIL: preinit % -f grow -o %t/no.wasm --max-memory 1MiB
;; The result of an initialisation with mocks is measured without them, since it imports no more what they stood in for.
(component
  (import "value" (func $value (result u32)))
  (core func $value (canon lower (func $value)))
  (core module $m
    (import "" "value" (func $value (result i32)))
    (memory 1)
    (global $g (mut i32) (i32.const 0))
    (func (export "init") (global.set $g (call $value)))
    (func (export "grow") (drop (memory.grow (i32.const 20))))
    (func (export "get") (result i32) (global.get $g)))
  (core instance $i (instantiate $m (with "" (instance (export "value" (func $value))))))
  (func (export "get") (result u32) (canon lift (core func $i "get"))))
