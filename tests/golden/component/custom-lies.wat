;; RUN: validate %
;; RUN: parse % -o %t/lies.wasm
;; RUN: print %t/lies.wasm
;; RUN: inspect %t/lies.wasm
;; RUN: strip --all %t/lies.wasm | tenon print -
;; Custom sections that are not what their names promise change nothing.
(component
  (@custom "component-name" "\01\ff\ff\ff\ff\0f\00")
  (@custom "producers" "\ff\ff\ff\ff\0f\01")
  (@custom "component-type" "\00asm\0d")
  (core module
    (@custom "name" "\01\ff\ff\ff\ff\0f")
    (@custom "producers" "\02\ff")))
