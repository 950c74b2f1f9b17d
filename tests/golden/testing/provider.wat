(component
  (core module $m (func (export "ask") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 10))))
  (core instance $i (instantiate $m))
  (func $ask (param "x" u32) (result u32) (canon lift (core func $i "ask")))
  (instance $asks (export "ask" (func $ask)))
  (export "demo:mocks/asks@1.0.0" (instance $asks)))
