(module (func (export "add") (param i32 i64) (result i32) (local.get 0)))
