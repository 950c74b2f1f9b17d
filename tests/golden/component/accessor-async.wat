;; FAIL: validate --features cm-accessors %
;; An accessor is `async`.
(component
  (import "[get]x" (func async (result u32))))
