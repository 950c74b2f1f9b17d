;; RUN: inspect %
;; RUN: inspect --format=json % | grep -c evil
;; RUN: parse % -o %t/x.wasm && tenon dump --stage=sections %t/x.wasm | grep -c evil
;; RUN: dump --stage=tokens % | grep -c evil
;; FAIL: run --invoke nothing %
;; RUN: --version >/dev/null; for s in sections; do tenon dump --stage=$s %t/x.wasm; tenon inspect %t/x.wasm; tenon inspect --format=json %t/x.wasm; tenon run --invoke nothing %t/x.wasm; tenon print %t/x.wasm; done 2>&1 | LC_ALL=C grep -cP "[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]" || true
;; Names that a terminal would obey: they are shown, not sent.
(module
  (import "x\u{1b}[31mevil\u{1b}]0;pwn\u{07}\u{202e}\u{9b}\n" "x\u{1b}[31mevil\u{1b}]0;pwn\u{07}\u{202e}\u{9b}\n" (func))
  (func $"x\u{1b}[31mevil\u{1b}]0;pwn\u{07}\u{202e}\u{9b}\n" (export "x\u{1b}[31mevil\u{1b}]0;pwn\u{07}\u{202e}\u{9b}\ne"))
  (@custom "x\u{1b}[31mevil\u{1b}]0;pwn\u{07}\u{202e}\u{9b}\n" "abc")
  (@producers (processed-by "tool" "1"))
)
