;; FAIL(1): run %
;; FAIL(1): run --allow-resolve other.example %
;; A look-up that no grant lets through: the program fails, and is told which option opens it.
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (export "network" (type (sub resource)))
    (type $codes (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
      "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type (eq $codes)))))
  (alias export $network "network" (type $n))
  (alias export $network "error-code" (type $e))
  (import "wasi:sockets/instance-network@0.2.0" (instance $instance-network
    (alias outer 1 $n (type $m))
    (export "network" (type $k (eq $m)))
    (export "instance-network" (func (result (own $k))))))
  (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $lookup
    (alias outer 1 $n (type $m))
    (export "network" (type $k (eq $m)))
    (alias outer 1 $e (type $f))
    (export "error-code" (type $code (eq $f)))
    (export "resolve-address-stream" (type $stream (sub resource)))
    (export "resolve-addresses" (func (param "network" (borrow $k)) (param "name" string)
      (result (result (own $stream) (error $code)))))))
  (core module $memory (memory (export "memory") 1) (data (i32.const 16) "db.example"))
  (core instance $mem (instantiate $memory))
  (core func $net (canon lower (func $instance-network "instance-network")))
  (core func $resolve (canon lower (func $lookup "resolve-addresses") (memory (core memory $mem "memory"))))
  (core module $main
    (import "" "memory" (memory 1))
    (import "" "net" (func $net (result i32)))
    (import "" "resolve" (func $resolve (param i32 i32 i32 i32)))
    (func (export "run") (result i32)
      (call $resolve (call $net) (i32.const 16) (i32.const 10) (i32.const 0))
      (i32.load8_u (i32.const 0))))
  (core instance $m (instantiate $main (with "" (instance
    (export "memory" (memory $mem "memory"))
    (export "net" (func $net))
    (export "resolve" (func $resolve))))))
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
