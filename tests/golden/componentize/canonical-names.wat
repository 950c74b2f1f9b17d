;; RUN: component embed wit/canonical-names.wit % -o %t/in.wasm
;; RUN: component new %t/in.wasm --emit-canonical-names -o %t/out.wasm; tenon print %t/out.wasm | grep '^  (import\|^  (export'; tenon wit print %t/out.wasm; tenon validate --features cm-canon-names %t/out.wasm
;; RUN: component targets wit/canonical-names.wit %t/out.wasm --semver-compatible
;; RUN: component targets wit/canonical-names.wit %t/out.wasm
;; FAIL: validate %t/out.wasm
;; FAIL: run %t/out.wasm
;; The name of an interface ends with what compatible versions have in common.
(module
  (import "example:dep/a@0.1.0" "f" (func))
  (import "example:dep/a@0.1.1" "g" (func))
  (import "example:pre/a@1.0.0-rc.1" "f" (func))
  (import "plain" "f" (func))
  (func (export "example:dep/a@0.1.0#f"))
  (func (export "example:full/a@2.3.4#f")))
