;; FAIL: run --link link-component-imports.wat --invoke "y(1)" %
;; A component that imports what the type does not mention would call nothing.
(component
  (import "c" (component $c (export "y" (func (param "a" u32) (result u32)))))
  (instance $i (instantiate $c))
  (export "y" (func $i "y")))
