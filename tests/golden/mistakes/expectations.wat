;; FAIL: --version >/dev/null; tenon parse expectations.wat -o %t/c.wasm; tenon test %t/c.wasm expectations.json
;; Results in WAVE or as other languages spell them where `expect` has JSON.
(component (core module $m (memory (export "mem") 1)
   (func (export "half") (result i32) (f64.store (i32.const 8) (f64.const 0.5)) (i32.const 0))
   (func (export "one") (result i32) (i32.const 1)) (func (export "pair") (result i32) (i32.const 8)))
 (core instance $i (instantiate $m))
 (type $color (enum "red" "green")) (export $c "color" (type $color))
 (type $point (record (field "x" u32) (field "y" u32))) (export $p "point" (type $point))
 (func (export "half") (result (result f64 (error string))) (canon lift (core func $i "half") (memory (core memory $i "mem"))))
 (func (export "shade") (result $c) (canon lift (core func $i "one")))
 (func (export "where") (result $p) (canon lift (core func $i "pair") (memory (core memory $i "mem")))))
