;; FAIL: preinit % -f init --features cm-values
;; A start function's result is known only when it runs: who uses it cannot do without.
(component
  (core module $m (func (export "f") (result i32) (i32.const 7)) (func (export "init")))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (start $f (result (value $v)))
  (export "v" (value $v))
  (func (export "init") (canon lift (core func $i "init"))))
