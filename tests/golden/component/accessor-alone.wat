;; FAIL: validate --features cm-accessors %
;; A setter stands before its getter.
(component
  (import "[set]x" (func (param "value" u32)))
  (import "[get]x" (func (result u32))))
