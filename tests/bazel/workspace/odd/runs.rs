// SPDX-License-Identifier: Apache-2.0
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let cases = std::fs::read_to_string("odd/cases.json").is_ok();
    println!("{:?} {} {} {}", args, std::env::var("NAME").unwrap(), cases, env!("GREETING"));
}
