;; RUN: test % mocks-right.json -q
;; FAIL: test % mocks-wrong.json
;; FAIL: test % no-mocks.json
;; RUN: test --link provider.wat % no-mocks.json -q
;; RUN: test --link provider.wat % mocks-right.json -q
;; RUN: run --link provider.wat --invoke 'twice(4)' %
;; RUN: run --link provider.wat --invoke 'twice(4)' --trace abi %
;; FAIL: run --invoke 'twice(4)' %
;; FAIL: run --link right.json --invoke 'twice(4)' %
;; Imports that are mocked, or that another component provides.
(component
  (import "demo:mocks/asks@1.0.0" (instance $asks
    (export "ask" (func (param "x" u32) (result u32)))))
  (core func $ask (canon lower (func $asks "ask")))
  (core module $m
    (import "asks" "ask" (func $ask (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32)
      (i32.add (call $ask (local.get 0)) (call $ask (i32.add (local.get 0) (i32.const 1))))))
  (core instance $i (instantiate $m (with "asks" (instance (export "ask" (func $ask))))))
  (func (export "twice") (param "x" u32) (result u32) (canon lift (core func $i "twice"))))
