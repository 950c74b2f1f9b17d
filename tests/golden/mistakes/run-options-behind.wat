;; FAIL(2): run --invoke counter % --link logger.wasm
;; FAIL(2): run --fuel 1000 --invoke 'counter(1, "x")' % --timeout=1s --dir 'a b'
;; FAIL: run --invoke 'counter()' %
;; FAIL: run 'counter()' %
;; Options behind the component: the line in its order. What is missing is told with the option that gives it.
(component
  (import "local:evil/log" (instance $log (export "say" (func))))
  (core func $say (canon lower (func $log "say")))
  (core module $m (import "" "say" (func $say)) (func (export "counter") (call $say)))
  (core instance $i (instantiate $m (with "" (instance (export "say" (func $say))))))
  (func (export "counter") (canon lift (core func $i "counter"))))
