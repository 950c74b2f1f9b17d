;; FAIL: wast %
;; FAIL: wast % --ignore-messages -v
;; FAIL: wast % --features -gc --format json
;; FAIL: wast . /nowhere/x.wast
;; FAIL: wast % --wording %
;; FAIL(2): wast
;; FAIL(2): wast % --features no-such
;; Verdicts that differ from what the script says, scripts that cannot be read.
(module (func (export "one") (result i32) i32.const 1))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke "two"))
(assert_trap (invoke "one") "unreachable")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_invalid (module (func (result i32))) "unknown local")
(assert_invalid (module (func)) "type mismatch")
(assert_malformed (module quote "(func") "unexpected end")
(module (type (struct)))
