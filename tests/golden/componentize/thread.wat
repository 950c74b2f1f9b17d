;; RUN: component embed wit/run.wit % | tenon component new - | tenon print -
;; A thread begins at a function of the module's own table.
(module
  (import "$root" "[thread-new-indirect-v0]" (func $new (param i32 i32) (result i32)))
  (import "$root" "[thread-index]" (func $index (result i32)))
  (table (export "__indirect_function_table") 1 funcref)
  (func (export "run") (result i32) (call $new (i32.const 0) (i32.const 1))))
