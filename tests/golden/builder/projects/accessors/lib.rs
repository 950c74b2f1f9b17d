use rust_bindings::example::accessors::settings;
use rust_bindings::exports::example::accessors::shapes;
use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

struct Component;
static VOLUME: AtomicU8 = AtomicU8::new(3);
static DEPTH: AtomicU8 = AtomicU8::new(9);
static LABEL: Mutex<String> = Mutex::new(String::new());

impl rust_bindings::Guest for Component {
    fn volume() -> u8 { VOLUME.load(Relaxed) }
    fn set_volume(value: u8) { VOLUME.store(value, Relaxed) }
    fn next_limit() -> u32 {
        settings::set_limit(settings::limit() + 1);
        settings::limit() * rust_bindings::scale()
    }
}

struct Canvas(Cell<u32>);

impl shapes::GuestCanvas for Canvas {
    fn new(width: u32) -> Self { Canvas(Cell::new(width)) }
    fn width(&self) -> u32 { self.0.get() }
    fn set_width(&self, value: u32) { self.0.set(value) }
    fn title(&self) -> Result<String, String> { Err("no title".to_string()) }
    fn set_title(&self, _value: String) -> Result<(), String> { Ok(()) }
    fn depth() -> u8 { DEPTH.load(Relaxed) }
    fn set_depth(value: u8) { DEPTH.store(value, Relaxed) }
}

impl shapes::Guest for Component {
    type Canvas = Canvas;
    fn label() -> String { LABEL.lock().unwrap().clone() }
    fn set_label(value: String) { *LABEL.lock().unwrap() = value }
}

rust_bindings::export!(Component with_types_in rust_bindings);
