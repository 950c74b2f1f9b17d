// SPDX-License-Identifier: Apache-2.0
use roundtrip_bindings::exports::test::roundtrip::{echo, things};
use roundtrip_bindings::test::roundtrip::{echo as host, things as host_things, types::*};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;

struct Component;

/// The system's allocator, with a count of what lives.
struct Counting;
static BLOCKS: AtomicU32 = AtomicU32::new(0);
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        BLOCKS.fetch_sub(1, Ordering::Relaxed);
        System.dealloc(at, layout)
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        System.realloc(at, layout, size)
    }
}
#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
        e_u8: u8, v => v;
        e_s16: i16, v => v;
        e_u16: u16, v => v;
        e_s32: i32, v => v;
        e_u32: u32, v => v;
        e_s64: i64, v => v;
        e_u64: u64, v => v;
        e_f32: f32, v => v;
        e_f64: f64, v => v;
        e_char: char, v => v;
        e_string: String, v => &v;
        e_point: Point, v => v;
        e_named: Named, v => &v;
        e_gaps: Gaps, v => v;
        e_outer: Outer, v => &v;
        e_shelf: Shelf, v => &v;
        e_color: Color, v => v;
        e_many_labels: Many, v => v;
        e_perms: Perms, v => v;
        e_of1: Of1, v => v;
        e_of8: Of8, v => v;
        e_of9: Of9, v => v;
        e_of16: Of16, v => v;
        e_of17: Of17, v => v;
        e_of32: Of32, v => v;
        e_shape: Shape, v => &v;
        e_wide: Wide, v => &v;
        e_bare: Bare, v => &v;
        e_joined: Joined, v => &v;
        e_words: Words, v => &v;
        e_bools: Vec<bool>, v => &v;
        e_s8s: Vec<i8>, v => &v;
        e_bytes: Vec<u8>, v => &v;
        e_s16s: Vec<i16>, v => &v;
        e_u16s: Vec<u16>, v => &v;
        e_s32s: Vec<i32>, v => &v;
        e_u32s: Vec<u32>, v => &v;
        e_s64s: Vec<i64>, v => &v;
        e_u64s: Vec<u64>, v => &v;
        e_f32s: Vec<f32>, v => &v;
        e_f64s: Vec<f64>, v => &v;
        e_chars: Vec<char>, v => &v;
        e_strings: Vec<String>, v => &v;
        e_points: Vec<Point>, v => &v;
        e_names: Vec<Named>, v => &v;
        e_all_gaps: Vec<Gaps>, v => &v;
        e_outers: Vec<Outer>, v => &v;
        e_colors: Vec<Color>, v => &v;
        e_all_labels: Vec<Many>, v => &v;
        e_all_perms: Vec<Perms>, v => &v;
        e_all_of17: Vec<Of17>, v => &v;
        e_shapes: Vec<Shape>, v => &v;
        e_wides: Vec<Wide>, v => &v;
        e_bares: Vec<Bare>, v => &v;
        e_all_joined: Vec<Joined>, v => &v;
        e_lists: Vec<Vec<u16>>, v => &v;
        e_string_lists: Vec<Vec<String>>, v => &v;
        e_options: Vec<Option<u32>>, v => &v;
        e_tuples: Vec<(u8, String)>, v => &v;
        e_results: Vec<Result<u32, String>>, v => &v;
        e_tuple1: (u32,), v => v;
        e_tuple: (u8, String, f64), v => (v.0, &v.1, v.2);
        e_tuple_nested: ((u8, u16), String, Point), v => (v.0, &v.1, v.2);
        e_option_u8: Option<u8>, v => v;
        e_option_bool: Option<bool>, v => v;
        e_option_string: Option<String>, v => v.as_deref();
        e_option_point: Option<Point>, v => v;
        e_option_list: Option<Vec<u32>>, v => v.as_deref();
        e_option_shape: Option<Shape>, v => v.as_ref();
        e_option: Option<Option<String>>, v => v.as_ref().map(|v| v.as_deref());
        e_option_deep: Option<Option<Option<u64>>>, v => v;
        e_result: Result<Shape, String>, v => v.as_ref().map_err(|e| e.as_str());
        e_result_ok: Result<u32, ()>, v => v;
        e_result_err: Result<(), String>, v => v.as_ref().map(|_| ()).map_err(|e| e.as_str());
        e_result_none: Result<(), ()>, v => v;
        e_result_nested: Result<Result<u8, String>, Result<f64, Shape>>, v => v.as_ref().map(|v| v.as_ref().map(|v| *v).map_err(|e| e.as_str())).map_err(|e| e.as_ref().map(|v| *v));
        e_result_list: Result<Vec<Named>, Wide>, v => v.as_deref();
        e_map: BTreeMap<String, u32>, v => &v;
        e_map_named: BTreeMap<u32, Named>, v => &v;
        e_map_char: BTreeMap<char, Vec<u8>>, v => &v;
        e_map_bool: BTreeMap<bool, Shape>, v => &v;
        e_map_map: BTreeMap<i64, BTreeMap<String, String>>, v => &v;
        e_maps: Vec<BTreeMap<u8, f64>>, v => &v;
        e_option_map: Option<BTreeMap<String, u32>>, v => v.as_ref();
        e_fixed: [u8; 4], v => &v;
        e_fixed_strings: [String; 2], v => &v;
        e_fixed_points: [Point; 3], v => &v;
        e_fixed_long: [u32; 40], v => &v;
        e_fixed_grid: [[u16; 3]; 2], v => &v;
        e_fixed_shapes: [Shape; 2], v => &v;
        e_list_fixed: Vec<[f32; 2]>, v => &v;
        e_option_fixed: Option<[String; 2]>, v => v.as_ref();
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

fn length(one: &things::ThingBorrow<'_>) -> u32 {
    one.get::<Thing>().text().len() as u32
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
    fn keep(it: things::Thing) -> things::Thing {
        it
    }
    fn keep_option(it: Option<things::Thing>) -> Option<things::Thing> {
        it
    }
    fn keep_result(it: Result<things::Thing, String>) -> Result<things::Thing, String> {
        it
    }
    fn keep_tuple(it: (things::Thing, String)) -> (things::Thing, String) {
        it
    }
    fn keep_fixed(it: [things::Thing; 2]) -> [things::Thing; 2] {
        it
    }
    fn keep_map(it: BTreeMap<String, things::Thing>) -> BTreeMap<String, things::Thing> {
        it
    }
    fn keep_slots(all: Vec<things::Slot>) -> Vec<things::Slot> {
        all
    }
    fn keep_places(all: Vec<things::Place>) -> Vec<things::Place> {
        all
    }
    fn total(all: Vec<things::ThingBorrow<'_>>) -> u32 {
        all.iter().map(length).sum()
    }
    fn total_lent(all: Vec<things::Lent<'_>>) -> u32 {
        all.iter().map(|one| one.label.len() as u32 + length(&one.it)).sum()
    }
    fn total_option(it: Option<things::ThingBorrow<'_>>) -> u32 {
        it.as_ref().map_or(0, length)
    }
    fn total_tuple(it: (things::ThingBorrow<'_>, String)) -> u32 {
        length(&it.0) + it.1.len() as u32
    }
}

/// What the host's other functions make of its things.
fn keep_of_host(a: host_things::Thing, b: host_things::Thing) -> (host_things::Thing, host_things::Thing) {
    use host_things::*;
    let a = keep_option(Some(keep(a))).unwrap();
    assert!(keep_option(None).is_none());
    let a = keep_result(Ok(a)).unwrap();
    assert!(keep_result(Err("no".to_string())).is_err());
    let (a, text) = keep_tuple((a, "text".to_string()));
    assert_eq!(text, "text");
    let [a, b] = keep_fixed([a, b]);
    let mut map = keep_map(BTreeMap::from([("a".to_string(), a), ("b".to_string(), b)]));
    let (a, b) = (map.remove("a").unwrap(), map.remove("b").unwrap());
    let slots = keep_slots(vec![Slot { label: "a".to_string(), it: a }, Slot { label: "b".to_string(), it: b }]);
    let mut places = keep_places(vec![Place::Empty, Place::More(slots), Place::One(Thing::new("c"))]);
    assert!(matches!(places[0], Place::Empty) && matches!(&places[2], Place::One(c) if c.name() == "c"));
    let mut slots = match places.swap_remove(1) {
        Place::More(slots) => slots,
        _ => panic!(),
    };
    let (b, a) = (slots.pop().unwrap().it, slots.pop().unwrap().it);
    assert_eq!(total_lent(&[Lent { label: "12".to_string(), it: &a }]) as usize, 2 + a.name().len());
    assert_eq!(total_option(Some(&b)) as usize, b.name().len());
    assert_eq!(total_option(None), 0);
    assert_eq!(total_tuple((&a, "123")) as usize, 3 + a.name().len());
    (a, b)
}

impl roundtrip_bindings::Guest for Component {
    fn use_host(name: String) -> (String, u32) {
        let mut names;
        {
            let a = host_things::Thing::new(&name);
            let b = host_things::Thing::new("b");
            b.rename("bee");
            let (a, b) = keep_of_host(a, b);
            names = host_things::total(&[&a, &b]).to_string();
            let merged = host_things::Thing::merge(a, &b);
            for one in host_things::reverse(vec![merged, b]) {
                names += " ";
                names += &one.name();
            }
        }
        (names, host_things::live())
    }
    fn allocated() -> u32 {
        BLOCKS.load(Ordering::Relaxed)
    }
}

roundtrip_bindings::export!(Component with_types_in roundtrip_bindings);
