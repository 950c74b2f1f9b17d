;; FAIL: component new %
;; A section that promises the world and holds something else.
(module
  (@custom "component-type" "\00asm\0d\00\01\00\07\ff")
  (func (export "run")))
