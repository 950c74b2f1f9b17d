;; FAIL: parse --to-exnref % -o %t/out.wasm
;; A function with as many locals as there may be, and a `rethrow`, for which the translation takes one more.
(module binary "\00asm\01\00\00\00"
  "\01\04\01\60\00\00" "\03\02\01\00" "\0d\03\01\00\00"
  "\0a\11\01\0f\01\d0\86\03\7f"
  "\06\40" "\08\00" "\07\00" "\09\00" "\0b" "\0b")
