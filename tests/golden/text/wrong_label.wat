;; FAIL: parse %
;; An `end` that repeats another block's label.
(module (func block $outer loop $inner end $outer end))
