;; RUN: parse % -o %t/a.wasm
;; RUN: print %t/a.wasm -o %t/a.wat
;; RUN: parse %t/a.wat -o %t/b.wasm
;; RUN: print %t/b.wasm
;; Annotations of a component's items go to its `component-name` section and come out of it, also where names are empty,
;; stand twice or stand without an identifier.
(component $outer
  (import "f" (func $f (@name "the f") (param "a" u32)))
  (import "g" (func (@name "the f")))
  (core module $m (@name "own name of m") (func $g (export "g") (param $p (@name "a p") i32)))
  (core instance $i (@name "") (instantiate $m))
  (core instance (@name "") (instantiate $m))
  (alias core export $i "g" (core func $cf (@name "core g")))
  (core func (@name "lowered") (canon lower (func $f)))
  (core rec (type (@name "alone") (struct)) (type $two (@name "alone") (array i8)))
  (core rec)
  (core type $ct (@name "core type") (func))
  (type $t (@name "tee") (func (param "a" u32)))
  (component $c (@name "own name of c") (type $in (@name "inner") u8))
  (instance $in (@name "an instance") (instantiate $c))
  (func $lifted (@name "lifted") (type $t) (canon lift (core func $cf)))
  (export $e (@name "exported") "e" (func $lifted)))
