;; RUN: --version >/dev/null; tenon parse % -o %t/app.wasm; cp mocks-of-the-wit.wit %t/app.wit; tenon test %t/app.wasm shared-mocks.json -q
;; FAIL: test %t/app.wasm misspelt-mock.json
;; FAIL: test %t/app.wasm later.json
;; RUN: test %t/app.wasm --generate
;; RUN: --version >/dev/null; tenon test %t/app.wasm --generate -o %t/made.json; sed -i 's/"expect": 0/"expect": 1/' %t/made.json; tenon test %t/app.wasm %t/made.json -q
;; FAIL: --version >/dev/null; rm %t/app.wit; tenon test %t/app.wasm shared-mocks.json
;; Mocks of what the WIT imports and this component does not are ignored; the rest is told at once.
(component
  (import "demo:app/clock@1.0.0" (instance $clock (export "now" (func (result u64)))))
  (import "beep" (func $beep))
  (core func $now (canon lower (func $clock "now")))
  (core func $beep_core (canon lower (func $beep)))
  (core module $m
    (import "clock" "now" (func $now (result i64)))
    (import "" "beep" (func $beep))
    (func (export "later") (result i64) (call $beep) (i64.add (call $now) (i64.const 1))))
  (core instance $i (instantiate $m
    (with "clock" (instance (export "now" (func $now))))
    (with "" (instance (export "beep" (func $beep_core))))))
  (func (export "later") (result u64) (canon lift (core func $i "later"))))
