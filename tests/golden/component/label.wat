;; FAIL: validate %
;; Labels of one type differ in more than case.
(component
  (type (record (field "red" u8) (field "RED" u8))))
