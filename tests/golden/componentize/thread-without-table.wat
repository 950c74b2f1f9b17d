;; FAIL: component embed wit/run.wit % | tenon component new -
;; Without a table there is nothing for a thread to begin at.
(module
  (import "$root" "[thread-new-indirect-v0]" (func $new (param i32 i32) (result i32)))
  (func (export "run") (result i32) (call $new (i32.const 0) (i32.const 1))))
