// SPDX-License-Identifier: Apache-2.0
use operate_bindings::exports::local::operations::operations::{Guest, Kind, Point};

struct Operate;

impl Guest for Operate {
    fn apply(k: Kind, p: Point) -> Point {
        let x = match k {
            Kind::Twice => p.x * 2.0,
            Kind::Zero => 0.0,
        };
        Point { x, name: p.name }
    }
}

operate_bindings::export!(Operate with_types_in operate_bindings);
