;; FAIL: parse %
;; Two types of one group bear one identifier.
(component (core rec (type $a (func)) (type $a (struct))))
