;; FAIL(134): run --max-memory 64K --invoke 'grow()' %
;; FAIL: run --max-memory 1K --invoke 'grow()' %
;; FAIL(134): run --invoke 'huge()' %
;; FAIL(134): run --fuel 3 --invoke 'grow()' %
;; What a guest was stopped by is told with the option that allows more, or that there is none.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "grow")
      (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable))))
    (func (export "huge") (result i32)
      (drop (memory.grow (i32.const 3000)))
      (i32.store (i32.const 0) (i32.const 8))
      (i32.store (i32.const 4) (i32.const 150000000))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "grow") (canon lift (core func $i "grow")))
  (func (export "huge") (result (list u8)) (canon lift (core func $i "huge") (memory $memory))))
