;; FAIL: parse %
;; A string that ends with its line.
(module (data "abc
"))
