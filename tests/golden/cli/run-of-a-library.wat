;; FAIL: run %
;; RUN: run --invoke 'add(1, 2)' %
;; FAIL(2): run --invoke 'add(1, 2)' --invoke 'add(3, 4)' %
;; RUN: print % | sed 's/"other"/"_initialize"/' > %t/reactor.wat && tenon run %t/reactor.wat
;; RUN: print % | sed '/export "add"/d; /export "other"/d' > %t/empty.wat && tenon run %t/empty.wat
;; A module that starts nothing says so, instead of ending as if it had succeeded. `_initialize` is run, and told. One
;; without functions has nothing to run.
(module
  (export "add" (func 0))
  (export "other" (func 1))
  (func (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.add)
  (func))
