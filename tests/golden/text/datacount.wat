;; RUN: parse % | tenon print -
;; RUN: parse % | tenon print - | tenon parse - -o %t/a.wasm; tenon parse % | cmp - %t/a.wasm
;; The section stays although no instruction needs it.
(module (memory 1) (@datacount) (data (i32.const 0) "x"))
