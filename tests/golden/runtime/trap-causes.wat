;; FAIL(134): run --max-memory 1MiB --invoke grow %
;; FAIL(134): run --invoke grow %
;; FAIL(134): run --fuel 1000 --invoke spin % 2>%t/err; code=$?; grep help %t/err; exit $code
;; FAIL(134): run --timeout 10ms --invoke spin % 2>%t/err; code=$?; grep help %t/err; exit $code
;; What stood in the way before a guest gave up.
(component
  (core module $m
    (memory 1)
    (func (export "grow")
      (if (i32.eq (memory.grow (i32.const 32)) (i32.const -1)) (then unreachable))
      unreachable)
    (func (export "spin") (loop (br 0))))
  (core instance $i (instantiate $m))
  (func (export "grow") (canon lift (core func $i "grow")))
  (func (export "spin") (canon lift (core func $i "spin"))))
