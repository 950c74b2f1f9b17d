// SPDX-License-Identifier: Apache-2.0
mod generated;
mod helper;
use mixed_bindings::exports::odd::top::calc::{Guest, Point};

const _: () = assert!(env!("GREETING").len() == "odd/zero.txt".len());

struct Calc;

impl Guest for Calc {
    fn add(a: Point, b: Point) -> Point {
        Point { x: helper::add(a.x, b.x) + generated::ZERO, y: a.y + b.y + included() }
    }
}

fn included() -> i32 {
    include_str!("zero.txt").trim().parse().unwrap()
}

#[cfg(feature = "here")]
mixed_bindings::export!(Calc with_types_in mixed_bindings);
