;; RUN: component embed wit/async.wit % | tenon component new - | tenon print --skeleton -
;; An async export with a stack of its own has no callback.
(module
  (import "[export]$root" "[task-return]crawl" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "[async-lift-stackful]crawl") (param i32 i32)))
