;; FAIL: test -q % wasi-panic.json
;; FAIL(134): run --invoke check %
;; What a guest says on standard error before it traps stands in the report, whichever way the trap came.
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $e))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $e (type $e))
    (export "error" (type $error (eq $e)))
    (export "output-stream" (type $out (sub resource)))
    (type $failed (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failed)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $out))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $out (type $o))
    (export "output-stream" (type $out (eq $o)))
    (export "get-stderr" (func (result (own $out))))))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $get (canon lower (func $stderr "get-stderr")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory (core memory $libc "memory"))))
  (core func $drop (canon resource.drop $out))
  (core module $m
    (import "x" "memory" (memory 1))
    (import "x" "get" (func $get (result i32)))
    (import "x" "write" (func $write (param i32 i32 i32 i32)))
    (import "x" "drop" (func $drop (param i32)))
    (data (i32.const 8) "assertion failed: x > 0\n")
    (func (export "check")
      (call $write (call $get) (i32.const 8) (i32.const 24) (i32.const 32))
      (unreachable)))
  (core instance $m (instantiate $m (with "x" (instance
    (export "memory" (memory $libc "memory")) (export "get" (func $get)) (export "write" (func $write))
    (export "drop" (func $drop))))))
  (func (export "check") (canon lift (core func $m "check"))))
