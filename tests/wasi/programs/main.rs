// SPDX-License-Identifier: Apache-2.0
use std::collections::HashMap;
use std::io::{BufRead, Read, Write};

fn main() {
    println!("arguments {} {:?}", std::env::args().count(), std::env::var("KEY"));
    let names: HashMap<String, u32> = (0..20000).map(|i: u32| (i.to_string(), i)).collect();
    let blocks: Vec<Vec<u8>> = (0..100).map(|i| vec![i as u8; 100_000]).collect();
    println!("{} {}", names.len(), blocks.iter().map(|b| u32::from(b[9])).sum::<u32>());
    std::fs::write("/work/rust.txt", b"one\ntwo\n").unwrap();
    for line in std::io::BufReader::new(std::fs::File::open("/work/rust.txt").unwrap()).lines() {
        println!("{}", line.unwrap());
    }
    let mut found: Vec<_> =
        std::fs::read_dir("/work").unwrap().map(|entry| entry.unwrap().file_name()).collect();
    found.sort();
    println!("{:?}", found);
    println!("{:?}", std::fs::metadata("/work/none").map_err(|e| e.kind()).err());
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).unwrap();
    print!("{}", input.to_uppercase());
    std::io::stdout().flush().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5));
    eprintln!("to stderr");
    std::process::exit(9);
}
