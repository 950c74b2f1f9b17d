;; FAIL: validate % --features -threads
;; FAIL: validate % --features custom-page-sizes,-wide-arithmetic
;; RUN: validate % --features custom-page-sizes
;; RUN: parse % | tenon print -
;; RUN: parse % -o %t/a.wasm; tenon print %t/a.wasm | tenon parse - | cmp - %t/a.wasm
;; RUN: print --fold % | tenon parse - -o %t/b.wasm; tenon parse % | cmp - %t/b.wasm
;; Threads and wide arithmetic can be closed, custom page sizes must be opened.
(module
  (memory $shared 1 2 shared)
  (memory $bytes 100 200 (pagesize 1))
  (func (param i32 i64 i64) (result i64 i64)
    (drop (i32.atomic.rmw.add offset=4 (local.get 0) (i32.const 1)))
    (drop (i64.atomic.rmw8.cmpxchg_u (local.get 0) (i64.const 1) (i64.const 2)))
    (drop (memory.atomic.notify (local.get 0) (i32.const 1)))
    (drop (memory.atomic.wait64 (local.get 0) (i64.const 1) (i64.const -1)))
    (i32.atomic.store8 (local.get 0) (i32.const 1))
    atomic.fence
    (drop (i32.load8_u $bytes (local.get 0)))
    (i64.add128 (local.get 1) (local.get 2) (local.get 1) (local.get 2))
    (drop) (drop)
    (i64.sub128 (local.get 1) (local.get 2) (local.get 1) (local.get 2))
    (drop) (drop)
    (i64.mul_wide_s (local.get 1) (local.get 2))
    (drop) (drop)
    (i64.mul_wide_u (local.get 1) (local.get 2))))
