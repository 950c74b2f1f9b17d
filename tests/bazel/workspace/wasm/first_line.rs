// SPDX-License-Identifier: Apache-2.0
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).expect("the file is there");
    assert_eq!(text.lines().next(), Some(args[2].as_str()));
}
