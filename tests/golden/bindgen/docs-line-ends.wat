;; RUN: bindgen c % --out-dir %t/c && tenon bindgen cpp % --out-dir %t/cpp && tenon bindgen rust % --out-dir %t/rust && tenon bindgen cpp-host % --out-dir %t/host && for k in c cpp rust host; do echo $k; grep -rhE "pwned|^ *//.*last" %t/$k | sed "s/^ *//" | sort -u; done
;; RUN: wit print % | grep pwned | sort -u
;; RUN: bindgen markdown % --out-dir %t/md && cat %t/md/*
;; RUN: --version >/dev/null; LC_ALL=C grep -rlP "[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]" %t || echo no line ends but line feeds
;; A package in binary, whose section of docs a stranger wrote.
(component
  (type (component
    (type (instance
      (type (record (field "x" u32)))
      (export "r" (type (eq 0)))
      (type (func (param "r" 1) (result u32)))
      (export "f" (func (type 2)))
    ))
    (export "a:b/i@1.0.0" (instance (type 0)))
  ))
  (export "i" (type 0))
  (type (component
    (type (component
      (type (instance
        (type (record (field "x" u32)))
        (export "r" (type (eq 0)))
        (type (func (param "r" 1) (result u32)))
        (export "f" (func (type 2)))
      ))
      (import "a:b/i@1.0.0" (instance (type 0)))
      (export "a:b/i@1.0.0" (instance (type 0)))
    ))
    (export "a:b/w@1.0.0" (component (type 0)))
  ))
  (export "w" (type 2))
  (@custom "package-docs" "\01{\22docs\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22, \22interfaces\22: {\22i\22: {\22docs\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22, \22funcs\22: {\22f\22: {\22docs\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22}}, \22types\22: {\22r\22: {\22docs\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22, \22items\22: {\22x\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22}}}}}, \22worlds\22: {\22w\22: {\22docs\22: \22Adds.\5crint pwned1 = 1;\5cu2028int pwned2 = 1;\5cu2029int pwned3 = 1;\5cu0085int pwned4 = 1;\5cu000bint pwned5 = 1;\5cfint pwned6 = 1; \5cu202e turned \5cu001b[2J pwned7 */ pwned8 /* \5c\5c\5cnint pwned9 ??/\5cr\5cnlast \5c\5c\22}}}")
)
