;; RUN: validate %
;; RUN: validate % --features wasm3
;; FAIL: validate % --features wasm2
;; FAIL: validate % --features wasm3,-tail-call
;; RUN: validate % --features mvp,reference_types,tail-call
;; RUN: validate % --enable-all
;; RUN: validate % --all-features
;; FAIL: validate % --features all,-all
;; FAIL(2): validate % --features wasm9
;; Feature gates by the names that other tools have for them, underscores as hyphens.
(module (func $f return_call $f))
