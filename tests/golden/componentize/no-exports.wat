;; RUN: component embed wit/no-exports.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: wit print %t/out.wasm
;; A world that offers nothing is a component all the same, with a note.
(module
  (memory (export "memory") 1))
