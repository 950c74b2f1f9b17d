;; FAIL: component embed wit/takes-string.wit % | tenon component new -
;; A string comes in, and nothing allocates room for it.
(module
  (memory (export "memory") 1)
  (func (export "shout") (param i32 i32)))
