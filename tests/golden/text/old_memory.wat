;; FAIL: parse %
;; A form of before 2025.
(component (core module $m (memory (export "m") 1)) (core instance $i (instantiate $m))
  (core func (canon waitable-set.wait (memory $i "m"))))
