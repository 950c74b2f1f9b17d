;; FAIL: validate --all-features %
;; A suffix completes a canonical version.
(component
  (import "calculator:math/add@1" (version-suffix ".x") (instance)))
