;; RUN: component embed wit/canonical-twice.wit -w imports --dummy-names legacy -o %t/in.wasm; tenon component new %t/in.wasm --emit-canonical-names -o %t/imports.wasm; tenon print %t/imports.wasm | grep '^  (import\|^  (export'; tenon validate -f cm-canon-names %t/imports.wasm; tenon component targets wit/canonical-twice.wit -w imports --semver-compatible %t/imports.wasm
;; FAIL: component new %t/in.wasm --emit-canonical-names --merge-imports-based-on-semver false -o %t/no.wasm
;; RUN: component embed wit/canonical-twice.wit -w exports --dummy-names legacy -o %t/in.wasm
;; FAIL: component new %t/in.wasm --emit-canonical-names -o %t/no.wasm
;; RUN: component embed wit/canonical-twice.wit -w uses --dummy-names legacy -o %t/in.wasm; tenon component new %t/in.wasm -o %t/uses.wasm; tenon print %t/uses.wasm | grep '^  (import\|^  (export'
;; FAIL: component new %t/in.wasm --emit-canonical-names -o %t/no.wasm
;; RUN: component new %t/in.wasm --emit-canonical-names --skip-validation -o %t/look.wasm
;; RUN: component embed wit/canonical-twice.wit -w both --dummy-names legacy -o %t/in.wasm; tenon component new %t/in.wasm --emit-canonical-names -o %t/both.wasm; tenon print %t/both.wasm | grep '^  (import\|^  (export'; tenon validate -f cm-canon-names %t/both.wasm; tenon component targets wit/canonical-twice.wit -w both %t/both.wasm
;; Of two compatible versions of an interface, both imported or both exported, only one can have their canonical name; one
;; may be imported and the other exported. Imports are merged first, unless an export shares the types of one.
(module)
