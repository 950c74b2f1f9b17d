;; FAIL: validate --features cm-accessors %
;; A setter takes another type than its getter gives.
(component
  (import "[get]x" (func (result u32)))
  (import "[set]x" (func (param "value" u64))))
