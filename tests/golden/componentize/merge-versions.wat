;; RUN: component embed wit/merge-adapter.wit merge-versions.wat.in -o %t/old.wasm
;; RUN: component embed wit/merge-main.wit % -o %t/main.wasm
;; RUN: component new %t/main.wasm --adapt %t/old.wasm | tenon wit print -
;; RUN: component new %t/main.wasm --adapt %t/old.wasm --merge-imports-based-on-semver false | tenon wit print - | grep import
;; The module was made for `a:io@0.2.0`, the adapter for `a:io@0.2.3`: the component imports the
;; newer one for both, and what has one version only (`copy`) takes the newer one's types.
(module
  (import "a:io/streams@0.2.0" "[method]output.write" (func $write (param i32 i32)))
  (import "a:io/streams@0.2.0" "[resource-drop]output" (func $drop (param i32)))
  (import "a:io/copy@0.2.0" "copy" (func $copy (param i32) (result i32)))
  (import "old" "flush" (func $flush (param i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (call $write (i32.const 1) (i32.const 2))
    (call $drop (call $copy (i32.const 1)))
    (call $flush (i32.const 1))))
