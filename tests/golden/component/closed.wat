;; FAIL: validate % --features -component-model
;; FAIL: validate % --features wasm2
;; FAIL: validate % --features -multi-value,-simd
;; RUN: validate %
;; RUN: parse % -o %t/c.wasm
;; FAIL: validate %t/c.wasm --features -component-model
;; Whoever closes a gate is told which construct needs it.
(component
  (core type (func (param v128) (result i32 i32))))
