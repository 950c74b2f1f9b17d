(component
  (core module $m (memory (export "f") 1))
  (export "m" (core module $m)))
