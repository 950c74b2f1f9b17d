;; RUN: component embed wit/task-hook.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm -o %t/out.wasm
;; RUN: test %t/out.wasm task-hook.json -q
;; `__wasm_task_hook` hears of every call into the module: it writes down one hexadecimal digit each.
;; `_initialize` is 6 and 7, a call 0 and 1, an allocation 12 and 13; a call with a post-return ends
;; after that.
(module
  (global $seen (mut i64) (i64.const 1))
  (memory (export "memory") 1)
  (func (export "__wasm_task_hook") (param i32)
    (global.set $seen (i64.or (i64.shl (global.get $seen) (i64.const 4)) (i64.extend_i32_u (local.get 0)))))
  (func (export "_initialize"))
  (func (export "seen") (result i64) (global.get $seen))
  (func (export "length") (param i32 i32) (result i32) (local.get 1))
  (func (export "text") (result i32) (i64.store (i32.const 8) (i64.const 0)) (i32.const 8))
  (func (export "cabi_post_text") (param i32))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
