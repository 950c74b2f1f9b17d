;; RUN: validate %
;; RUN: parse % | tenon print -
;; Names that the specification has given up are read with a warning and written as they were.
(component
  (import "url=<https://example.com/a.wasm>" (func))
  (import "url=<b>,integrity=<sha256-abc>" (func))
  (import "integrity=<sha256-def>" (func))
  (import "locked-dep=<a:b@1.2.3>" (instance))
  (import "locked-dep=<a:c@1.2.3>,integrity=<sha256-ghi>" (component))
  (import "unlocked-dep=<a:b@{>=1.2.3 <2.0.0}>" (core module)))
