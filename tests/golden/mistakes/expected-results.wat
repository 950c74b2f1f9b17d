;; FAIL: test % expected-results.json --jobs 1
;; FAIL: test % one-case.json
;; How a result is spelled, and that cases stand in an array.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "half") (param f64) (result i32)
      (f64.store (i32.const 72) (f64.mul (local.get 0) (f64.const 0.5)))
      (i32.const 64))
    (func (export "done") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "half") (param "x" f64) (result (result f64 (error string)))
    (canon lift (core func $i "half") (memory $memory)))
  (func (export "done") (result (result)) (canon lift (core func $i "done"))))
