// SPDX-License-Identifier: Apache-2.0
pub fn add(a: i32, b: i32) -> i32 {
    a + b
}
