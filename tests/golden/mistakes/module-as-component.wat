;; FAIL: parse % -o %t/m.wasm; tenon test %t/m.wasm cases.json
;; FAIL: test % cases.json
(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
