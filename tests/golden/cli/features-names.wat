;; RUN: validate % --features lime1
;; RUN: validate % --features wasm3,bulk-memory-opt,call_indirect_overlong,gc-types
;; RUN: validate % --features all,-legacy-exceptions,-stack-switching,-custom-descriptors
;; FAIL: validate % --features wasm1
;; FAIL(2): validate % --features stack-switching
;; FAIL(2): validate % --features wasm3,multibyte_array_access
;; FAIL(2): validate % --features -wasm2
;; The names of wasm-tools; a feature that tenon does not support may be closed, not opened.
(module
  (memory 1)
  (func (result i32 i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 1))
    (i32.const 1) (i32.const 2)))
