;; FAIL: wit print %
;; FAIL: bindgen cpp-host % --out-dir %t
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
  (@custom "package-docs" "\01{\22interfaces\22: {\22i\22: {\22docs\22: \22x\22, \22stability\22: {\22stable\22: {\22since\22: \221.0.0)\5cninterface injected { g: func(s: string); }\5cn@since(version = 1.0.0\22}}}}}")
)
