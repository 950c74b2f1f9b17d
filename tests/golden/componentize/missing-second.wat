;; FAIL: component embed wit/two.wit % | tenon component new -
;; One of the world's functions is there: the implementation is registered, and lacks another.
(module
  (func (export "f"))
  (func (export "_initialize")))
