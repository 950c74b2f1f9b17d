;; FAIL: component embed wit/calculator.wit % | tenon component new -
;; Nothing of the world is exported: the implementation was never registered.
(module
  (memory (export "memory") 1)
  (func (export "_initialize")))
