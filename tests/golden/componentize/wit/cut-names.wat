;; For dummy-of-compatible-versions.wit.
(module
  (import "cm32p2|a:i/i@1" "f" (func (param i32)))
  (import "cm32p2|a:i/i@1" "g" (func (param i32) (result i32)))
  (import "cm32p2|a:i/i@1" "r_drop" (func (param i32)))
  (import "cm32p2|a:i/i@1" "s_drop" (func (param i32)))
  (func (export "cm32p2|a:i/i@1|f") (param i32))
  (func (export "cm32p2|a:i/i@1|g") (param i32) (result i32) unreachable))
