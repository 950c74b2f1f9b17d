(component
  (core module $m (func (export "run") (result i32) i32.const 1))
  (core instance $i (instantiate $m))
  (type $run (func (result (result))))
  (func $f (type $run) (canon lift (core func $i "run")))
  (instance $run (export "run" (func $f)))
  (export "wasi:cli/run@0.2.0" (instance $run)))
