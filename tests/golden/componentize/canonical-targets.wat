;; RUN: component targets wit/canonical-targets.wit % -w same
;; RUN: component targets wit/canonical-targets.wit % -w same --semver-compatible
;; FAIL: component targets wit/canonical-targets.wit % -w import-differs
;; RUN: component targets wit/canonical-targets.wit % -w import-differs --semver-compatible
;; FAIL: component targets wit/canonical-targets.wit % -w export-differs
;; RUN: component targets wit/canonical-targets.wit % -w export-differs --semver-compatible
;; FAIL: component targets wit/canonical-targets.wit % -w later --semver-compatible
;; FAIL: component targets wit/canonical-targets.wit % -w incompatible --semver-compatible
;; The version of an interface is its canonical name with the suffix; messages have the whole.
(component
  (import "example:dep/a@0.1" (version-suffix ".1") (instance $a (export "f" (func))))
  (alias export $a "f" (func $f))
  (instance $b (export "f" (func $f)))
  (export "example:dep/b@2" (version-suffix ".3.4") (instance $b)))
