;; RUN: preinit % -f init -o %t/i.wasm; tenon run --invoke 'count()' %t/i.wasm
;; An export with the name of the adapter's that knows no last descriptor is asked for a bounded number of them.
(component
  (core module $m
    (global $asked (mut i32) (i32.const 0))
    (func (export "init"))
    (func (export "tenon:adapter-release") (param $fd i32) (result i64)
      (global.set $asked (i32.add (global.get $asked) (i32.const 1)))
      ;; Forgotten: a handle that is not there.
      (i64.const 0x1_0000_0007))
    (func (export "count") (result i32) (global.get $asked)))
  (core instance $i (instantiate $m))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
