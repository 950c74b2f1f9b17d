// SPDX-License-Identifier: Apache-2.0
use roundtrip_bindings::exports::test::roundtrip::{echo, things};
use roundtrip_bindings::test::roundtrip::{echo as host, things as host_things, types::*};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;

struct Component;

macro_rules! echo {
    ($($name:ident: $t:ty, $v:ident => $view:expr;)*) => {$(
        fn $name($v: $t) -> $t {
            host::$name($view)
        }
    )*};
}

impl echo::Guest for Component {
    echo! {
        e_bool: bool, v => v;
        e_s8: i8, v => v;
        e_u16: u16, v => v;
        e_s64: i64, v => v;
        e_f32: f32, v => v;
        e_f64: f64, v => v;
        e_char: char, v => v;
        e_string: String, v => &v;
        e_point: Point, v => v;
        e_named: Named, v => &v;
        e_color: Color, v => v;
        e_perms: Perms, v => v;
        e_shape: Shape, v => &v;
        e_wide: Wide, v => &v;
        e_bytes: Vec<u8>, v => &v;
        e_bools: Vec<bool>, v => &v;
        e_strings: Vec<String>, v => &v;
        e_points: Vec<Point>, v => &v;
        e_shapes: Vec<Shape>, v => &v;
        e_wides: Vec<Wide>, v => &v;
        e_names: Vec<Named>, v => &v;
        e_option: Option<Option<String>>, v => v.as_ref().map(|v| v.as_deref());
        e_result: Result<Shape, String>, v => v.as_ref().map_err(|e| e.as_str());
        e_tuple: (u8, String, f64), v => (v.0, &v.1, v.2);
        e_deep: Vec<Option<Result<(String, Vec<u16>), Wide>>>, v => &v;
    }
    fn e_many(
        a: u64, b: f32, c: String, d: f64, e: i8, f: Vec<String>, g: Point, h: Shape, i: bool, j: char, k: u32,
    ) -> (u64, f32, String, f64, i8, Vec<String>, Point, Shape, bool, char, u32) {
        host::e_many(a, b, &c, d, e, &f, g, &h, i, j, k)
    }
}

static LIVE: AtomicU32 = AtomicU32::new(0);

struct Thing(Mutex<String>);
impl Thing {
    fn make(name: String) -> Thing {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Thing(Mutex::new(name))
    }
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}
impl Drop for Thing {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl things::GuestThing for Thing {
    fn new(name: String) -> Thing {
        Thing::make(name)
    }
    fn name(&self) -> String {
        self.text()
    }
    fn rename(&self, to: String) {
        *self.0.lock().unwrap() = to;
    }
    fn merge(a: things::Thing, b: things::ThingBorrow<'_>) -> things::Thing {
        things::Thing::new(Thing::make(a.get::<Thing>().text() + &b.get::<Thing>().text()))
    }
}

impl things::Guest for Component {
    type Thing = Thing;
    fn live() -> u32 {
        LIVE.load(Ordering::Relaxed)
    }
    fn reverse(mut all: Vec<things::Thing>) -> Vec<things::Thing> {
        all.reverse();
        all
    }
    fn total(all: Vec<things::ThingBorrow<'_>>) -> u32 {
        all.iter().map(|one| one.get::<Thing>().text().len() as u32).sum()
    }
}

impl roundtrip_bindings::Guest for Component {
    fn use_host(name: String) -> (String, u32) {
        let mut names;
        {
            let a = host_things::Thing::new(&name);
            let b = host_things::Thing::new("b");
            b.rename("bee");
            names = host_things::total(&[&a, &b]).to_string();
            let merged = host_things::Thing::merge(a, &b);
            for one in host_things::reverse(vec![merged, b]) {
                names += " ";
                names += &one.name();
            }
        }
        (names, host_things::live())
    }
    fn pages() -> u32 {
        #[cfg(target_arch = "wasm32")]
        return core::arch::wasm32::memory_size(0) as u32;
        #[cfg(not(target_arch = "wasm32"))]
        0
    }
}

roundtrip_bindings::export!(Component with_types_in roundtrip_bindings);
