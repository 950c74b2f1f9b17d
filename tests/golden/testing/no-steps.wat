;; FAIL: test -q % no-steps.json
;; A case that does nothing tests nothing.
(component)
