;; FAIL: parse %
;; A constant that does not fit its type.
(module (func (drop (i32.const 4294967296))))
