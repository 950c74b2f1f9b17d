;; FAIL: parse % | tenon component new -
;; FAIL: parse % | tenon component embed wit/run.wit -
;; What is a component already.
(component)
