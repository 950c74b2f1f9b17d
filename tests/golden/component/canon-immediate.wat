;; FAIL: validate --features cm-async %
;; There are two context slots, 0 and 1.
(component
  (core func (canon context.get i32 2)))
