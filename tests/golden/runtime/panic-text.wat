;; FAIL(134): run --invoke said %
;; FAIL(134): run --invoke outside %
;; FAIL(134): run --invoke too-long %
;; FAIL(134): run --invoke nothing %
;; FAIL(134): run --invoke divided %
;; A guest without a stream leaves the message of a panic in memory: it is part of the trap, on one line and with nothing
;; unseen, and what points outside the memory is no message.
(component
  (core module $m
    (memory 1)
    (global (export "__tenon_panic_text") i32 (i32.const 65528))
    (data (i32.const 16) "panicked at src/lib.rs:1:2:\nnobody is called \1b[31mEve")
    (func $leave (param i32 i32)
      (i32.store (i32.const 65528) (local.get 0))
      (i32.store (i32.const 65532) (local.get 1)))
    (func (export "said") (call $leave (i32.const 16) (i32.const 53)) unreachable)
    (func (export "outside") (call $leave (i32.const 65535) (i32.const 2)) unreachable)
    (func (export "too-long") (call $leave (i32.const 16) (i32.const -1)) unreachable)
    (func (export "nothing") unreachable)
    (func (export "divided") (call $leave (i32.const 16) (i32.const 8)) (drop (i32.div_s (i32.const 1) (i32.const 0)))))
  (core instance $i (instantiate $m))
  (func (export "said") (canon lift (core func $i "said")))
  (func (export "outside") (canon lift (core func $i "outside")))
  (func (export "too-long") (canon lift (core func $i "too-long")))
  (func (export "nothing") (canon lift (core func $i "nothing")))
  (func (export "divided") (canon lift (core func $i "divided"))))
