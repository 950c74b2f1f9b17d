// SPDX-License-Identifier: Apache-2.0
pub fn twice(x: u32) -> u32 {
    x * 2
}
