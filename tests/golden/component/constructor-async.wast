;; RUN: wast %
;; A constructor gives its resource at once.
(assert_invalid
  (component
    (import "r" (type $r (sub resource)))
    (import "[constructor]r" (func async (result (own $r)))))
  "constructor function cannot be async")
(component definition
  (import "r" (type $r (sub resource)))
  (import "[method]r.m" (func async (param "self" (borrow $r))))
  (import "[static]r.s" (func async (result (own $r)))))
