;; RUN: component embed wit/run.wit % | tenon component new --import-name a:b/logger=c:d/logger@2.0.0 - | tenon print --skeleton -
;; FAIL: component embed wit/run.wit % | tenon component new --import-name a:b/unused=c:d/unused -
;; An interface imported under another name.
(module
  (import "a:b/logger" "flush" (func $flush))
  (func (export "run") (result i32) call $flush i32.const 7))
