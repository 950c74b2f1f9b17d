;; FAIL(134): run --timeout 0.1 --invoke spin %
;; FAIL(134): run --fuel 100 --invoke spin %
;; FAIL(134): run --max-memory 64K --invoke grow %
;; FAIL: run --max-memory 1K --invoke grow %
;; FAIL(134): run --invoke 'down(100000)' %
;; The same for a core module. The stack in its memory is used up before that of calls is.
(module
  (memory 1)
  (global $__stack_pointer (mut i32) (i32.const 32768))
  (func (export "spin") (loop (br 0)))
  (func (export "grow") (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable))))
  (func $down (export "down") (param i32)
    (global.set 0 (i32.sub (global.get 0) (i32.const 64)))
    (i32.store (global.get 0) (local.get 0))
    (if (i32.eqz (local.get 0)) (then (return)))
    (call $down (i32.sub (local.get 0) (i32.const 1)))))
