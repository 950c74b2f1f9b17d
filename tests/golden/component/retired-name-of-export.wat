;; FAIL: validate %
;; Exports never had such names, and a name must be whole.
(component
  (import "f" (func $f))
  (export "url=<https://example.com/a.wasm>" (func $f)))
