;; FAIL: validate %
;; A type that an export is given has to fit what is exported.
(component
  (import "f" (func $f (param "x" u32)))
  (export "g" (func $f) (func (param "x" u64))))
