;; FAIL: parse %
;; A form of before 2025.
(component
  (core func (canon thread.yield cancellable)))
