;; RUN: validate %
;; FAIL: validate --validate-custom %
;; A core module of a nested component names a local that its function does not have.
(component
  (core module $right (func $f (param $x i32) (local $y i32) (block $b)))
  (component
    (core module
      (func (local i32))
      (@custom "name" "\02\05\01\00\01\05\00"))))
