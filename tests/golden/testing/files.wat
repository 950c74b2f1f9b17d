;; FAIL: test % files-outside.json
;; RUN: --version >/dev/null; mkdir -p %t/in %t/out; cp % files-allowed.json %t/in; printf hi > %t/out/data.txt; printf hi > %t/in/data.txt; ln -s ../out/data.txt %t/in/link.txt; cd %t/in; tenon test -q % files-allowed.json --filter beside
;; FAIL: --version >/dev/null; cd %t/in; tenon test -q % files-allowed.json
;; RUN: --version >/dev/null; cd %t/in; tenon test -q % files-allowed.json --allow-file ../out
;; What `$file` may name: the folder of the cases and below, and what `--allow-file` opens.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func (export "size") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (func (export "size") (param "s" string) (result u32)
    (canon lift (core func $i "size") (memory $mem) (realloc $realloc)))
)
