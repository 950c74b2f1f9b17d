;; FAIL: component targets wit/compatible.wit % -w newer
;; RUN: component targets wit/compatible.wit % -w newer --semver-compatible
;; FAIL: component targets wit/compatible.wit % -w older --semver-compatible
;; FAIL: component targets wit/compatible.wit % -w other --semver-compatible
;; A component imports an interface in two versions and exports another in a later one than its
;; world wants. Each is compared with what the world has in a compatible version, the newest of it.
(component
  (import "example:dep/a@1.0.0" (instance $old (export "r" (type (sub resource))) (export "f" (func))))
  (import "example:dep/a@1.2.0" (instance $new
    (export "r" (type $r (sub resource))) (export "g" (func (param "x" (own $r))))))
  (alias export $old "f" (func $f))
  (instance $out (export "f" (func $f)))
  (export "example:dep/b@0.3.7" (instance $out)))
