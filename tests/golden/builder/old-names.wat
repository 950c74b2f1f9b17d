(module (import "canonical_abi_realloc" "f" (func)) (func (export "add") (param i32 i32) (result i32) (local.get 0)))
