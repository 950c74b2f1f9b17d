;; FAIL(134): run --invoke f %
;; FAIL(134): run --invoke g %
;; FAIL(134): run --invoke h %
;; The address of the message may be anything, and of any type.
(component
  (core module $m
    (memory 1)
    (global (export "__tenon_panic_text") i32 (i32.const -4))
    (func (export "f") unreachable))
  (core module $n
    (memory 1)
    (global (export "__tenon_panic_text") i64 (i64.const 0))
    (func (export "f") unreachable))
  (core module $o
    (func (export "__tenon_panic_text") unreachable))
  (core instance $i (instantiate $m))
  (core instance $j (instantiate $n))
  (core instance $k (instantiate $o))
  (func (export "f") (canon lift (core func $i "f")))
  (func (export "g") (canon lift (core func $j "f")))
  (func (export "h") (canon lift (core func $k "__tenon_panic_text"))))
