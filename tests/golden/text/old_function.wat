;; FAIL: parse %
;; A form of before 2025.
(component (core module $m (func (export "d") (param i32))) (core instance $i (instantiate $m))
  (type (resource (rep i32) (dtor (func $i "d")))))
