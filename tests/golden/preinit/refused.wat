;; FAIL: preinit % -f trap -o %t/no.wasm
;; FAIL: preinit % -f spin --timeout 20ms -o %t/no.wasm
;; FAIL: preinit % -f grow --max-memory 1MiB -o %t/no.wasm
;; FAIL: preinit % -f call -o %t/no.wasm
;; FAIL: preinit % -f struct -o %t/no.wasm
;; FAIL: preinit % -f array -o %t/no.wasm
;; FAIL: preinit % -f element -o %t/no.wasm
;; FAIL: preinit % -o %t/no.wasm; code=$?; test -e %t/no.wasm && exit 9; exit $code
;; What an initialisation may not do or leave behind: the error says where, and nothing is written.
(module $guest
  (type $s (struct (field (mut i32))))
  (type $a (array i8))
  (import "env" "log" (func $log (param i32)))
  (memory 1)
  (table $objects (export "objects") 4 anyref)
  (global $held (export "held") (mut (ref null $s)) (ref.null $s))
  (global $bytes (mut anyref) (ref.null any))
  (func $deep (export "trap") unreachable)
  (func (export "spin") (loop $l (br $l)))
  (func (export "grow") (if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable)))
  (func (export "call") (call $log (i32.const 1)))
  (func (export "struct") (global.set $held (struct.new $s (i32.const 1))))
  (func (export "array") (global.set $bytes (array.new_default $a (i32.const 8))))
  (func (export "element") (table.set $objects (i32.const 3) (struct.new $s (i32.const 1)))))
