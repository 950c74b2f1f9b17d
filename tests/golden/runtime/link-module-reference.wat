(component
  (core module $m
    (type $s (struct (field (mut i64))))
    (func (export "f") (param (ref null $s)) (result i64) (struct.get $s 0 (local.get 0))))
  (export "m" (core module $m)))
