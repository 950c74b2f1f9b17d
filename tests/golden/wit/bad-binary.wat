;; FAIL: wit print %
;; FAIL: parse % -o %t.wasm; tenon wit print %t.wasm
;; A core module that does not say its world.
(module (func (export "f")))
