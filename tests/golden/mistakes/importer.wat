;; FAIL: test % no-mock.json
;; FAIL: test % mock-without-result.json
;; RUN: test % mocked.json -q
(component
  (import "local:demo/clock@1.0.0" (instance $clock (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $m
    (import "clock" "now" (func $now (result i64)))
    (func (export "later") (result i64) (i64.add (call $now) (i64.const 1))))
  (core instance $i (instantiate $m (with "clock" (instance (export "now" (func $now))))))
  (func (export "later") (result u64) (canon lift (core func $i "later"))))
