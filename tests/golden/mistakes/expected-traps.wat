;; FAIL: test -q % expected-traps.json --jobs 1
;; A trap and an option, as other formats would write them.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "stop") (result i32) unreachable)
    (func (export "give") (result i32)
      (i32.store8 (i32.const 64) (i32.const 1))
      (i32.store (i32.const 68) (i32.const 7))
      (i32.const 64))
    (func (export "nothing")))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "stop") (result u32) (canon lift (core func $i "stop")))
  (func (export "give") (result (option u32)) (canon lift (core func $i "give") (memory $memory)))
  (func (export "nothing") (canon lift (core func $i "nothing"))))
