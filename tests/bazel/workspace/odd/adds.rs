// SPDX-License-Identifier: Apache-2.0
const _: () = assert!(env!("GREETING").len() == "of a crate".len());

pub fn add(a: i32, b: i32) -> i32 {
    a + b
}
