;; RUN: print %
;; RUN: print % --fold
;; RUN: print --fold % | tenon parse - -o %t/a.wasm; tenon parse % | cmp - %t/a.wasm
;; RUN: print % | tenon parse - -o %t/b.wasm; tenon parse % | cmp - %t/b.wasm
;; RUN: validate % --features legacy-exceptions
;; FAIL: validate %
;; RUN: parse --to-exnref % | tenon print -
;; RUN: parse --to-exnref % | tenon validate -
;; Legacy exceptions, flat and folded, behind their gate; and the same in today's form.
(module
  (tag $e (param i32))
  (tag $f)
  (func $g (param i32) (result i32)
    (try $out (result i32)
      (do
        (try (result i32)
          (do
            (throw $e (local.get 0)))
          (delegate $out)))
      (catch $e
        (i32.const 1)
        (i32.add))
      (catch $f
        (br $out (i32.const 2)))
      (catch_all
        (rethrow $out))))
  (func $flat (param i32)
    local.get 0
    try $t (param i32)
      drop
      try
        throw $f
      delegate 1
    catch $f
      try
        rethrow $t
      delegate $t
    end)
  (func $empty
    (try (do))
    try
    end))
