;; RUN: component embed wit/run.wit % | tenon component new - | tenon print -
;; Names as BuildTargets.md has them; versions are canonical there.
(module
  (import "cm32p2|a:b/logger" "log" (func (param i32 i32 i32)))
  (memory (export "cm32p2_memory") 1)
  (func (export "cm32p2_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "cm32p2||run") (result i32) i32.const 0)
  (func (export "cm32p2||run_post") (param i32))
  (func (export "cm32p2_initialize")))
