;; RUN: parse % -o %t/a.wasm
;; RUN: print %t/a.wasm
;; A component's `@producers` was lost, a module's was not; its fields come in one order, in nested components too.
(component
  (@producers (processed-by "a" "1") (sdk "s" "2") (language "C" "23"))
  (@custom "u" "v")
  (component
    (@producers (processed-by "b" "3")))
  (core module
    (@producers (processed-by "c" "4"))))
