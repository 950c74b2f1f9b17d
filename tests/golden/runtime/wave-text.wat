;; RUN: run --invoke "nop()" %
;; RUN: run --invoke "c('\"')" %
;; RUN: run --invoke "c('\\'')" %
;; RUN: run --invoke "c('\\u{200b}')" %
;; RUN: run --invoke "c('\\u{feff}')" %
;; RUN: run --invoke "c('\\u{301}')" %
;; RUN: run --invoke "c('é')" %
;; RUN: run --invoke "fl({true, b})" %
;; A function without a result gives `()`. Both quotes and what has no glyph of its own are escaped;
;; flags bear their plain names.
(component
  (core module $m
    (func (export "nop"))
    (func (export "same") (param i32) (result i32) local.get 0))
  (core instance $i (instantiate $m))
  (func (export "nop") (canon lift (core func $i "nop")))
  (func (export "c") (param "x" char) (result char) (canon lift (core func $i "same")))
  (type $f (flags "true" "b"))
  (export $g "f" (type $f))
  (func (export "fl") (param "x" $g) (result $g) (canon lift (core func $i "same"))))
