;; FAIL: preinit % -f init
;; RUN: explain usage >%t/x; printf '(module (memory (export "mem") 1) (func (export "f")))' >%t/link.wat; tenon parse %t/link.wat -o %t/link.wasm
;; FAIL: preinit % -f init --link env=%t/link.wasm
;; State that an import holds is lost when the instance is: it is refused.
(module
  (import "env" "mem" (memory 1))
  (func (export "init") (i32.store (i32.const 0) (i32.const 1))))
