// SPDX-License-Identifier: Apache-2.0
use dotted_name_of_it_bindings::exports::odd::top::calc::{Guest, Point};

struct Calc;

impl Guest for Calc {
    fn add(a: Point, b: Point) -> Point {
        Point { x: a.x + b.x, y: a.y + b.y }
    }
}

dotted_name_of_it_bindings::export!(Calc with_types_in dotted_name_of_it_bindings);
