;; FAIL: validate %
;; A method takes the resource it is named after, by borrow, as `self`.
(component
  (import "counter" (type $counter (sub resource)))
  (import "[method]counter.next" (func (param "me" (borrow $counter)) (result u32))))
