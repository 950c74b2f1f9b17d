;; RUN: run --features legacy-exceptions --invoke f %
;; RUN: parse --to-exnref % -o %t/out.wasm
;; RUN: run --invoke f %t/out.wasm
;; A `delegate` names a `try_table`: its clauses look at the exception, as they are and translated, and those of the
;; `try` between the two do not.
(module
  (tag $a (param i32))
  (tag $b)
  (func (export "f") (result i32)
    (block $caught (result i32)
      (try_table $outer (catch $a $caught)
        (try (do
            (try (do (throw $a (i32.const 7))) (delegate $outer)))
          (catch $a (drop) (return (i32.const 1)))
          (catch_all (return (i32.const 2)))))
      (i32.const 3))))
