;; FAIL: validate --features cm-accessors %
;; A setter returns a value.
(component
  (import "[get]x" (func (result u32)))
  (import "[set]x" (func (param "value" u32) (result u32))))
