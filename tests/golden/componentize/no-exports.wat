;; FAIL: component embed wit/no-exports.wit % | tenon component new -
;; A world that offers nothing.
(module
  (memory (export "memory") 1))
