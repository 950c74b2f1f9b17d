(component
  (type (;0;)
    (component
      (type (;0;)
        (instance
          (type (;0;) (func (param "x" u8)))
          (export (;0;) "f" (func (type 0)))
        )
      )
      (export (;0;) "by:text/i" (instance (type 0)))
    )
  )
  (export (;1;) "i" (type 0))
)
