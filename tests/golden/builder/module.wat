;; FAIL: component new %
;; FAIL: parse % -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm
;; FAIL: parse wrong-signature.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm
;; FAIL: parse unknown-import.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm
;; FAIL: parse preview1.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm
;; FAIL: parse old-names.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm
;; FAIL: parse right.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm -o %t/c.wasm; tenon component new %t/c.wasm
;; FAIL: parse right.wat -o %t/m.wasm; tenon component embed projects/sum/wit %t/m.wasm -o %t/e.wasm; tenon component new %t/e.wasm -o %t/c.wasm; tenon component targets projects/worlds/wit -w one %t/c.wasm
;; Core modules that are not what their world asks for.
(module (func (export "ad") (param i32 i32) (result i32) (local.get 0)))
