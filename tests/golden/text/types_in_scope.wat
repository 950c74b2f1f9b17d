;; RUN: validate % --all-features
;; RUN: parse % -o %t/a.wasm
;; RUN: print %t/a.wasm -o %t/a.wat
;; RUN: parse %t/a.wat | tenon print -
;; Types that name themselves, each other, or types around them; aliases that reach enclosing types.
(component $C
  (core type $f (func))
  (core type $self (struct (field (ref null $self)) (field $f (ref null $f))))
  (core rec
    (type $a (struct (field (ref null $b))))
    (type $b (sub (struct (field (ref null $a))))))
  (core type $copy (alias outer $C $f))
  (component
    (core type $x (func (param (ref null $f)) (result (ref null $x))))
    (core rec
      (type $y (struct (field (ref null $self))))
      (type (sub (struct (field (ref null $y) ))))))
  (core type $M (module
    (type $g (alias outer $C $f))
    (type $h (func (param $f (ref null $f)) (result (ref null $h))))
    (alias outer $M $h (type $k))
    (import "m" (item "one" (func (type $g))) (item "two" (global i32)))
    (import "m" (item "three") (item "four") (func (type $k)))
    (export "five" (func $five))))
  (type $I (component
    (type $t (record (field "x" u8)))
    (export "t2" (type $t2 (eq $t)))
    (type $J (instance
      (alias outer $I $t2 (type $t3))
      (export "t4" (type (eq $t3)))))
    (export "j" (instance (type $J)))))
  (type (variant (case $one "one") (case $two "two" u8))))
