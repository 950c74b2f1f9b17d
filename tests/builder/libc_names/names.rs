// SPDX-License-Identifier: Apache-2.0
struct Component;

mod world {
    use BINDINGS::Guest;

    impl Guest for super::Component {
        /*OWN*/
        fn sin(x: f64) -> f64 {
            x.sin()
        }
        fn fmod(x: f64, y: f64) -> f64 {
            x % y
        }
        fn hypot(x: f64, y: f64) -> f64 {
            BINDINGS::sqrt(x * x + y * y)
        }
        fn memset(a: u32, b: u32, c: u32) -> u32 {
            a + b + c
        }
        fn malloc(n: u32) -> u32 {
            BINDINGS::demo::names::host::malloc(n) + 1
        }
        fn free(n: u32) -> u32 {
            n + 2
        }
        fn strlen(s: String) -> u32 {
            s.len() as u32
        }
        fn fill(n: u32) -> Vec<u8> {
            let mut out = vec![1u8; n as usize];
            out.resize(2 * n as usize, 9);
            out
        }
        fn abort(text: String) -> String {
            text
        }
    }
}

mod shapes {
    use BINDINGS::exports::demo::names::shapes::{Guest, GuestMemset};

    pub struct MemsetObject;

    impl GuestMemset for MemsetObject {
        fn new(_n: u32) -> Self {
            MemsetObject
        }
        fn free(&self) -> String {
            "freed".to_string()
        }
    }

    impl Guest for super::Component {
        type Memset = MemsetObject;
        fn memory() -> u32 {
            77
        }
    }
}

BINDINGS::export!(Component with_types_in BINDINGS);
