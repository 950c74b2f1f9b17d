;; FAIL: component embed wit/async.wit % | tenon component new -
;; An async export needs its callback.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "[async-lift]crawl") (param i32 i32) (result i32) unreachable))
