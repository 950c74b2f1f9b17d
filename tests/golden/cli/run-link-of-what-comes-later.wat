;; FAIL: run --link % --invoke 'g()' %
;; A component that is linked imports from those before it, not from itself; the error says whose import it is.
(component
  (import "f" (func $f (result u32)))
  (core func $f' (canon lower (func $f)))
  (core module $M (import "" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f)))
  (core instance $m (instantiate $M (with "" (instance (export "f" (func $f'))))))
  (func $g (result u32) (canon lift (core func $m "g")))
  (export "g" (func $g)))
