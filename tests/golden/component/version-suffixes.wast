;; RUN: wast % -f cm-canon-names
;; A suffix completes the version of an interface: that of the name, or that of `implements`.
(component definition
  (import "a:b/c@1" (version-suffix ".2.3") (instance))
  (import "a:b/c@0.2" (versionsuffix ".3+rc.1") (external-id "x") (instance)))
(component definition
  (import "x" (implements "a:b/c@1") (version-suffix ".2.3") (instance))
  (import "y" (version-suffix "+b") (implements "a:b/c@0.0.1") (instance))
  (instance $i)
  (export "z:z/z@2" (version-suffix ".0.0") (instance $i)))
(assert_invalid
  (component (import "a:b/c@1" (version-suffix ".2.3") (func)))
  "only instances can have")
(assert_invalid
  (component (import "x" (version-suffix ".2.3") (instance)))
  "has no version")
(assert_invalid
  (component (import "x" (implements "a:b/c") (version-suffix ".1") (instance)))
  "has no version")
(assert_invalid
  (component (import "x" (implements "a:b/c@1.2") (version-suffix ".3") (instance)))
  "is not a semantic version")
(assert_invalid
  (component (import "x" (implements "a:b/c@1") (version-suffix ".2") (instance)))
  "does not complete a canonical version")
