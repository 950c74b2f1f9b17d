    // What the bindings stand on: how each type crosses the boundary of a component.
    // Spec: CanonicalABI.md "Loading", "Storing", "Flat Lifting", "Flat Lowering".
    //
    // A flat value travels in 64-bit slots holding the bits of its core value: then the joined core
    // types of a variant's cases need no conversions, and the optimiser removes the slots.
    use std::alloc::{alloc, dealloc, Layout as MemoryLayout};
    pub use std::collections::BTreeMap;
    pub use std::{
        boxed::Box, option::Option, result::Result, string::String, string::ToString, vec::Vec,
    };

    /// Ends the component without a word: what formats messages would be most of a small one.
    pub fn trap() -> ! {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
        #[cfg(not(target_arch = "wasm32"))]
        std::process::abort();
    }

    /// Where there is no stream for the message of a panic: the first call of an export sets a hook that
    /// leaves the message in memory, where the host that sees the trap looks for it. The message has to be
    /// formatted for that, which costs 16 KB, so `tenon build` asks for it.
    #[inline(always)]
    pub fn keep_panic_text() {
        #[cfg(tenon_panic_text)]
        {
            static SET: std::sync::Once = std::sync::Once::new();
            SET.call_once(|| {
                std::panic::set_hook(Box::new(|info| {
                    let text = std::mem::ManuallyDrop::new(info.to_string());
                    let words = [text.as_ptr() as usize, text.len()];
                    unsafe { std::ptr::addr_of_mut!(super::PANIC_TEXT).write(words) }
                }))
            });
        }
    }

    pub const fn align_up(offset: usize, align: usize) -> usize {
        (offset + align - 1) / align * align
    }
    pub const fn max(a: usize, b: usize) -> usize {
        if a > b {
            a
        } else {
            b
        }
    }
    pub const fn tag_size(cases: usize) -> usize {
        if cases <= 256 {
            1
        } else if cases <= 65536 {
            2
        } else {
            4
        }
    }

    /// The memory of what a frame keeps stands behind this, each pointing to the one before it.
    #[repr(C, align(8))]
    struct Kept {
        before: *mut Kept,
        size: usize,
        end: Option<unsafe fn(*mut u8)>,
    }
    /// What must live until a call ends: memory of lowered lists, borrowed handles. A frame that
    /// keeps nothing costs nothing: the optimiser sees that its one pointer stays null.
    pub struct Frame {
        last: *mut Kept,
    }
    impl Frame {
        pub const fn new() -> Frame {
            Frame { last: std::ptr::null_mut() }
        }
        /// No type of the canonical ABI wants more than 8.
        fn block(&mut self, size: usize, end: Option<unsafe fn(*mut u8)>) -> *mut u8 {
            let size = match size.checked_add(std::mem::size_of::<Kept>()) {
                Some(size) => size,
                None => trap(),
            };
            unsafe {
                let at = alloc(MemoryLayout::from_size_align_unchecked(size, 8)) as *mut Kept;
                if at.is_null() {
                    trap();
                }
                at.write(Kept { before: self.last, size, end });
                self.last = at;
                at.add(1) as *mut u8
            }
        }
        fn alloc(&mut self, size: usize, align: usize) -> *mut u8 {
            if size == 0 {
                return align as *mut u8;
            }
            self.block(size, None)
        }
        /// Keeps a value to the end of the frame.
        pub unsafe fn keep<'a, T>(&mut self, value: T) -> &'a T {
            unsafe fn end<T>(at: *mut u8) {
                std::ptr::drop_in_place(at as *mut T);
            }
            let at = self.block(std::mem::size_of::<T>(), Some(end::<T>)) as *mut T;
            at.write(value);
            &*at
        }
        #[inline(never)]
        unsafe fn end(&mut self) {
            while !self.last.is_null() {
                let at = self.last;
                let Kept { before, size, end } = at.read();
                self.last = before;
                if let Some(end) = end {
                    end(at.add(1) as *mut u8);
                }
                dealloc(at as *mut u8, MemoryLayout::from_size_align_unchecked(size, 8));
            }
        }
    }
    impl Drop for Frame {
        #[inline(always)]
        fn drop(&mut self) {
            if !self.last.is_null() {
                unsafe { self.end() }
            }
            flush();
        }
    }
    /// A component does not end as a program does, and what `print!` leaves without the end of a line would
    /// never be seen: `tenon build` asks for this where a crate prints.
    #[inline(always)]
    fn flush() {
        #[cfg(tenon_prints)]
        let _ = std::io::Write::flush(&mut std::io::stdout());
    }

    /// Size, alignment and flat slots of the canonical ABI. `PLAIN`: the bytes in memory are those
    /// of the Rust value.
    pub trait Layout {
        const SIZE: usize;
        const ALIGN: usize;
        const SLOTS: usize;
        const PLAIN: bool = false;
    }
    /// Takes values over from the host, with the memory that they own.
    pub trait Lift: Layout + Sized {
        unsafe fn load(p: *const u8, f: &mut Frame) -> Self;
        unsafe fn lift(s: *const u64, f: &mut Frame) -> Self;
    }
    /// Lends values to the host for a frame. Owned handles are handed over.
    pub trait Lower: Layout {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame);
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame);
    }

    macro_rules! scalar {
        ($($t:ty, $v:ident => $to:expr, $s:ident => $from:expr;)*) => {$(
            impl Layout for $t {
                const SIZE: usize = std::mem::size_of::<$t>();
                const ALIGN: usize = std::mem::size_of::<$t>();
                const SLOTS: usize = 1;
                const PLAIN: bool = true;
            }
            impl Lift for $t {
                unsafe fn load(p: *const u8, _f: &mut Frame) -> $t {
                    (p as *const $t).read()
                }
                unsafe fn lift(s: *const u64, _f: &mut Frame) -> $t {
                    let $s = *s;
                    $from
                }
            }
            impl Lower for $t {
                unsafe fn store(&self, p: *mut u8, _f: &mut Frame) {
                    (p as *mut $t).write(*self)
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut Frame) {
                    let $v = *self;
                    *s = $to;
                }
            }
        )*};
    }
    scalar! {
        bool, v => v as u64, s => s as u32 != 0;
        u8, v => v as u64, s => s as u8;
        u16, v => v as u64, s => s as u16;
        u32, v => v as u64, s => s as u32;
        u64, v => v, s => s;
        i8, v => v as i32 as u32 as u64, s => s as i8;
        i16, v => v as i32 as u32 as u64, s => s as i16;
        i32, v => v as u32 as u64, s => s as i32;
        i64, v => v as u64, s => s as i64;
        f32, v => v.to_bits() as u64, s => f32::from_bits(s as u32);
        f64, v => v.to_bits(), s => f64::from_bits(s);
        char, v => v as u64, s => char::from_u32_unchecked(s as u32);
    }

    /// A payload that is not there.
    impl Layout for () {
        const SIZE: usize = 0;
        const ALIGN: usize = 1;
        const SLOTS: usize = 0;
    }
    impl Lift for () {
        unsafe fn load(_p: *const u8, _f: &mut Frame) {}
        unsafe fn lift(_s: *const u64, _f: &mut Frame) {}
    }
    impl Lower for () {
        unsafe fn store(&self, _p: *mut u8, _f: &mut Frame) {}
        unsafe fn lower(&self, _s: *mut u64, _f: &mut Frame) {}
    }

    // Pointer and length: strings, lists, maps.

    trait Pair {
        fn data(&self, f: &mut Frame) -> (*const u8, usize);
    }
    unsafe fn load_pair(p: *const u8) -> (*mut u8, usize) {
        let p = p as *const u32;
        (p.read() as usize as *mut u8, p.add(1).read() as usize)
    }
    unsafe fn lift_pair(s: *const u64) -> (*mut u8, usize) {
        (*s as u32 as usize as *mut u8, *s.add(1) as u32 as usize)
    }
    macro_rules! pair {
        ([$($g:tt)*] $t:ty) => {
            impl<$($g)*> Layout for $t {
                const SIZE: usize = 8;
                const ALIGN: usize = 4;
                const SLOTS: usize = 2;
            }
        };
    }
    impl Pair for &str {
        fn data(&self, _f: &mut Frame) -> (*const u8, usize) {
            (self.as_ptr(), self.len())
        }
    }
    impl Pair for String {
        fn data(&self, _f: &mut Frame) -> (*const u8, usize) {
            (self.as_ptr(), self.len())
        }
    }
    impl<T: Lower> Pair for &[T] {
        fn data(&self, f: &mut Frame) -> (*const u8, usize) {
            if T::PLAIN {
                return (self.as_ptr() as *const u8, self.len());
            }
            let block = f.alloc(self.len() * T::SIZE, T::ALIGN);
            for (i, item) in self.iter().enumerate() {
                unsafe { item.store(block.add(i * T::SIZE), f) }
            }
            (block, self.len())
        }
    }
    impl<T: Lower> Pair for Vec<T> {
        fn data(&self, f: &mut Frame) -> (*const u8, usize) {
            (&self[..]).data(f)
        }
    }
    impl<K: Lower, V: Lower> Pair for BTreeMap<K, V> {
        fn data(&self, f: &mut Frame) -> (*const u8, usize) {
            let size = <(K, V)>::SIZE;
            let block = f.alloc(self.len() * size, <(K, V)>::ALIGN);
            for (i, (key, value)) in self.iter().enumerate() {
                unsafe {
                    let at = block.add(i * size);
                    key.store(at, f);
                    value.store(at.add(align_up(K::SIZE, V::ALIGN)), f);
                }
            }
            (block, self.len())
        }
    }
    pair!(['a] &'a str);
    pair!([] String);
    pair!(['a, T: Layout] &'a [T]);
    pair!([K: Layout, V: Layout] BTreeMap<K, V>);
    pair!([T: Layout] Vec<T>);
    macro_rules! lower_pair {
        ([$($g:tt)*] $t:ty) => {
            impl<$($g)*> Lower for $t {
                unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
                    let (data, length) = self.data(f);
                    (p as *mut u32).write(data as usize as u32);
                    (p as *mut u32).add(1).write(length as u32);
                }
                unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
                    let (data, length) = self.data(f);
                    *s = data as usize as u32 as u64;
                    *s.add(1) = length as u64;
                }
            }
        };
    }
    lower_pair!(['a] &'a str);
    lower_pair!([] String);
    lower_pair!(['a, T: Lower] &'a [T]);
    lower_pair!([T: Lower] Vec<T>);
    lower_pair!([K: Lower, V: Lower] BTreeMap<K, V>);

    unsafe fn take_string((p, length): (*mut u8, usize)) -> String {
        if length == 0 {
            return String::new();
        }
        String::from_raw_parts(p, length, length)
    }
    impl Lift for String {
        unsafe fn load(p: *const u8, _f: &mut Frame) -> String {
            take_string(load_pair(p))
        }
        unsafe fn lift(s: *const u64, _f: &mut Frame) -> String {
            take_string(lift_pair(s))
        }
    }
    /// Gives back a buffer that the host filled. One of no bytes was never allocated.
    unsafe fn free_buffer(p: *mut u8, size: usize, align: usize) {
        if size != 0 {
            dealloc(p, MemoryLayout::from_size_align_unchecked(size, align));
        }
    }
    unsafe fn take_list<T: Lift>((p, length): (*mut u8, usize), f: &mut Frame) -> Vec<T> {
        if length == 0 {
            return Vec::new();
        }
        if T::PLAIN {
            return Vec::from_raw_parts(p as *mut T, length, length);
        }
        let mut out = Vec::with_capacity(length);
        for i in 0..length {
            out.push(T::load(p.add(i * T::SIZE), f));
        }
        free_buffer(p, length * T::SIZE, T::ALIGN);
        out
    }
    impl<T: Lift> Lift for Vec<T> {
        unsafe fn load(p: *const u8, f: &mut Frame) -> Vec<T> {
            take_list(load_pair(p), f)
        }
        unsafe fn lift(s: *const u64, f: &mut Frame) -> Vec<T> {
            take_list(lift_pair(s), f)
        }
    }
    unsafe fn take_map<K: Lift + Ord, V: Lift>(
        (p, length): (*mut u8, usize),
        f: &mut Frame,
    ) -> BTreeMap<K, V> {
        let mut out = BTreeMap::new();
        for i in 0..length {
            let at = p.add(i * <(K, V)>::SIZE);
            let key = K::load(at, f);
            out.insert(key, V::load(at.add(align_up(K::SIZE, V::ALIGN)), f));
        }
        free_buffer(p, length * <(K, V)>::SIZE, <(K, V)>::ALIGN);
        out
    }
    impl<K: Lift + Ord, V: Lift> Lift for BTreeMap<K, V> {
        unsafe fn load(p: *const u8, f: &mut Frame) -> BTreeMap<K, V> {
            take_map(load_pair(p), f)
        }
        unsafe fn lift(s: *const u64, f: &mut Frame) -> BTreeMap<K, V> {
            take_map(lift_pair(s), f)
        }
    }
    /// A map is lent as it is.
    impl<'a, K: Layout, V: Layout> Layout for &'a BTreeMap<K, V> {
        const SIZE: usize = 8;
        const ALIGN: usize = 4;
        const SLOTS: usize = 2;
    }
    impl<'a, K: Lower, V: Lower> Lower for &'a BTreeMap<K, V> {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
            (**self).store(p, f)
        }
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
            (**self).lower(s, f)
        }
    }

    // Structures. Offsets and slots follow from the members' types.

    macro_rules! lend {
        ($t:ident $(<$l:lifetime>)?) => {
            impl<'lent, $($l)?> _rt::Layout for &'lent $t $(<$l>)? {
                const SIZE: usize = <$t $(<$l>)? as _rt::Layout>::SIZE;
                const ALIGN: usize = <$t $(<$l>)? as _rt::Layout>::ALIGN;
                const SLOTS: usize = <$t $(<$l>)? as _rt::Layout>::SLOTS;
            }
            impl<'lent, $($l)?> _rt::Lower for &'lent $t $(<$l>)? {
                unsafe fn store(&self, p: *mut u8, f: &mut _rt::Frame) {
                    _rt::Lower::store(*self, p, f)
                }
                unsafe fn lower(&self, s: *mut u64, f: &mut _rt::Frame) {
                    _rt::Lower::lower(*self, s, f)
                }
            }
        };
    }
    pub(super) use lend;

    /// `record!(true, Point { x: f64, y: f64 })`; the first word says whether it is plain.
    macro_rules! record {
        ($plain:literal, $t:ident $(<$l:lifetime>)? { $($m:ident: $mt:ty),* $(,)? }) => {
            impl $(<$l>)? _rt::Layout for $t $(<$l>)? {
                const SIZE: usize = {
                    let mut at = 0;
                    $(at = _rt::align_up(at, <$mt as _rt::Layout>::ALIGN) + <$mt as _rt::Layout>::SIZE;)*
                    _rt::align_up(at, <Self as _rt::Layout>::ALIGN)
                };
                const ALIGN: usize = {
                    let mut most = 1;
                    $(most = _rt::max(most, <$mt as _rt::Layout>::ALIGN);)*
                    most
                };
                const SLOTS: usize = 0 $(+ <$mt as _rt::Layout>::SLOTS)*;
                const PLAIN: bool = $plain;
            }
            impl $(<$l>)? _rt::Lift for $t $(<$l>)? {
                unsafe fn load(p: *const u8, f: &mut _rt::Frame) -> Self {
                    let mut at = 0;
                    $(
                        at = _rt::align_up(at, <$mt as _rt::Layout>::ALIGN);
                        let $m = <$mt as _rt::Lift>::load(p.add(at), f);
                        at += <$mt as _rt::Layout>::SIZE;
                    )*
                    let _ = at;
                    $t { $($m),* }
                }
                unsafe fn lift(s: *const u64, f: &mut _rt::Frame) -> Self {
                    let mut at = 0;
                    $(
                        let $m = <$mt as _rt::Lift>::lift(s.add(at), f);
                        at += <$mt as _rt::Layout>::SLOTS;
                    )*
                    let _ = at;
                    $t { $($m),* }
                }
            }
            impl $(<$l>)? _rt::Lower for $t $(<$l>)? {
                unsafe fn store(&self, p: *mut u8, f: &mut _rt::Frame) {
                    let mut at = 0;
                    $(
                        at = _rt::align_up(at, <$mt as _rt::Layout>::ALIGN);
                        _rt::Lower::store(&self.$m, p.add(at), f);
                        at += <$mt as _rt::Layout>::SIZE;
                    )*
                    let _ = at;
                }
                unsafe fn lower(&self, s: *mut u64, f: &mut _rt::Frame) {
                    let mut at = 0;
                    $(
                        _rt::Lower::lower(&self.$m, s.add(at), f);
                        at += <$mt as _rt::Layout>::SLOTS;
                    )*
                    let _ = at;
                }
            }
            _rt::lend!($t $(<$l>)?);
        };
    }
    pub(super) use record;

    macro_rules! tuple {
        ($($t:ident $i:tt),*) => {
            impl<$($t: Layout),*> Layout for ($($t,)*) {
                const SIZE: usize = {
                    let mut at = 0;
                    $(at = align_up(at, $t::ALIGN) + $t::SIZE;)*
                    align_up(at, <Self as Layout>::ALIGN)
                };
                const ALIGN: usize = {
                    let mut most = 1;
                    $(most = max(most, $t::ALIGN);)*
                    most
                };
                const SLOTS: usize = 0 $(+ $t::SLOTS)*;
            }
            impl<$($t: Lift),*> Lift for ($($t,)*) {
                unsafe fn load(p: *const u8, f: &mut Frame) -> Self {
                    let mut at = 0;
                    let out = ($({
                        at = align_up(at, $t::ALIGN);
                        let item = $t::load(p.add(at), f);
                        at += $t::SIZE;
                        item
                    },)*);
                    let _ = at;
                    out
                }
                unsafe fn lift(s: *const u64, f: &mut Frame) -> Self {
                    let mut at = 0;
                    let out = ($({
                        let item = $t::lift(s.add(at), f);
                        at += $t::SLOTS;
                        item
                    },)*);
                    let _ = at;
                    out
                }
            }
            impl<$($t: Lower),*> Lower for ($($t,)*) {
                unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
                    let mut at = 0;
                    $(
                        at = align_up(at, $t::ALIGN);
                        self.$i.store(p.add(at), f);
                        at += $t::SIZE;
                    )*
                    let _ = at;
                }
                unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
                    let mut at = 0;
                    $(
                        self.$i.lower(s.add(at), f);
                        at += $t::SLOTS;
                    )*
                    let _ = at;
                }
            }
        };
    }

    /// A list of fixed length.
    impl<T: Layout, const N: usize> Layout for [T; N] {
        const SIZE: usize = N * T::SIZE;
        const ALIGN: usize = T::ALIGN;
        const SLOTS: usize = N * T::SLOTS;
        const PLAIN: bool = T::PLAIN;
    }
    impl<T: Lift, const N: usize> Lift for [T; N] {
        unsafe fn load(p: *const u8, f: &mut Frame) -> Self {
            std::array::from_fn(|i| T::load(p.add(i * T::SIZE), f))
        }
        unsafe fn lift(s: *const u64, f: &mut Frame) -> Self {
            std::array::from_fn(|i| T::lift(s.add(i * T::SLOTS), f))
        }
    }
    impl<T: Lower, const N: usize> Lower for [T; N] {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
            for (i, item) in self.iter().enumerate() {
                item.store(p.add(i * T::SIZE), f);
            }
        }
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
            for (i, item) in self.iter().enumerate() {
                item.lower(s.add(i * T::SLOTS), f);
            }
        }
    }
    impl<'a, T: Layout, const N: usize> Layout for &'a [T; N] {
        const SIZE: usize = N * T::SIZE;
        const ALIGN: usize = T::ALIGN;
        const SLOTS: usize = N * T::SLOTS;
    }
    impl<'a, T: Lower, const N: usize> Lower for &'a [T; N] {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
            (**self).store(p, f)
        }
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
            (**self).lower(s, f)
        }
    }

    // Choices: a discriminant, then the largest payload.

    pub unsafe fn load_tag(p: *const u8, size: usize) -> u32 {
        match size {
            1 => p.read() as u32,
            2 => (p as *const u16).read() as u32,
            _ => (p as *const u32).read(),
        }
    }
    pub unsafe fn store_tag(p: *mut u8, size: usize, tag: u32) {
        match size {
            1 => p.write(tag as u8),
            2 => (p as *mut u16).write(tag as u16),
            _ => (p as *mut u32).write(tag),
        }
    }

    impl<T: Layout> Layout for Option<T> {
        const SIZE: usize = align_up(align_up(1, T::ALIGN) + T::SIZE, T::ALIGN);
        const ALIGN: usize = T::ALIGN;
        const SLOTS: usize = 1 + T::SLOTS;
    }
    impl<T: Lift> Lift for Option<T> {
        unsafe fn load(p: *const u8, f: &mut Frame) -> Self {
            match p.read() {
                0 => Option::None,
                _ => Option::Some(T::load(p.add(align_up(1, T::ALIGN)), f)),
            }
        }
        unsafe fn lift(s: *const u64, f: &mut Frame) -> Self {
            match *s as u32 {
                0 => Option::None,
                _ => Option::Some(T::lift(s.add(1), f)),
            }
        }
    }
    impl<T: Lower> Lower for Option<T> {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
            p.write(self.is_some() as u8);
            if let Option::Some(value) = self {
                value.store(p.add(align_up(1, T::ALIGN)), f);
            }
        }
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
            *s = self.is_some() as u64;
            if let Option::Some(value) = self {
                value.lower(s.add(1), f);
            }
        }
    }

    impl<T: Layout, E: Layout> Layout for Result<T, E> {
        const SIZE: usize =
            align_up(align_up(1, Self::ALIGN) + max(T::SIZE, E::SIZE), Self::ALIGN);
        const ALIGN: usize = max(T::ALIGN, E::ALIGN);
        const SLOTS: usize = 1 + max(T::SLOTS, E::SLOTS);
    }
    impl<T: Lift, E: Lift> Lift for Result<T, E> {
        unsafe fn load(p: *const u8, f: &mut Frame) -> Self {
            let payload = p.add(align_up(1, Self::ALIGN));
            match p.read() {
                0 => Result::Ok(T::load(payload, f)),
                _ => Result::Err(E::load(payload, f)),
            }
        }
        unsafe fn lift(s: *const u64, f: &mut Frame) -> Self {
            match *s as u32 {
                0 => Result::Ok(T::lift(s.add(1), f)),
                _ => Result::Err(E::lift(s.add(1), f)),
            }
        }
    }
    impl<T: Lower, E: Lower> Lower for Result<T, E> {
        unsafe fn store(&self, p: *mut u8, f: &mut Frame) {
            let payload = p.add(align_up(1, Self::ALIGN));
            p.write(self.is_err() as u8);
            match self {
                Result::Ok(value) => value.store(payload, f),
                Result::Err(error) => error.store(payload, f),
            }
        }
        unsafe fn lower(&self, s: *mut u64, f: &mut Frame) {
            *s = self.is_err() as u64;
            match self {
                Result::Ok(value) => value.lower(s.add(1), f),
                Result::Err(error) => error.lower(s.add(1), f),
            }
        }
    }

    /// `variant!(2, Shape { 0 => Circle(f64), 1 => Nothing })`; the first number counts the cases.
    macro_rules! variant {
        ($count:literal, $t:ident $(<$l:lifetime>)? { $($n:literal => $case:ident $(($pt:ty))?),* $(,)? }) => {
            impl $(<$l>)? $t $(<$l>)? {
                const TAG_: usize = _rt::tag_size($count);
                const PAYLOAD_: usize = {
                    #[allow(unused_mut)]
                    let mut most = 1;
                    $($(most = _rt::max(most, <$pt as _rt::Layout>::ALIGN);)?)*
                    _rt::align_up(Self::TAG_, most)
                };
            }
            impl $(<$l>)? _rt::Layout for $t $(<$l>)? {
                const SIZE: usize = {
                    #[allow(unused_mut)]
                    let mut most = 0;
                    $($(most = _rt::max(most, <$pt as _rt::Layout>::SIZE);)?)*
                    _rt::align_up(Self::PAYLOAD_ + most, <Self as _rt::Layout>::ALIGN)
                };
                const ALIGN: usize = {
                    #[allow(unused_mut)]
                    let mut most = Self::TAG_;
                    $($(most = _rt::max(most, <$pt as _rt::Layout>::ALIGN);)?)*
                    most
                };
                const SLOTS: usize = {
                    #[allow(unused_mut)]
                    let mut most = 0;
                    $($(most = _rt::max(most, <$pt as _rt::Layout>::SLOTS);)?)*
                    1 + most
                };
            }
            impl $(<$l>)? _rt::Lift for $t $(<$l>)? {
                unsafe fn load(p: *const u8, _f: &mut _rt::Frame) -> Self {
                    match _rt::load_tag(p, Self::TAG_) {
                        $($n => $t::$case $((<$pt as _rt::Lift>::load(p.add(Self::PAYLOAD_), _f)))?,)*
                        _ => _rt::trap(),
                    }
                }
                unsafe fn lift(s: *const u64, _f: &mut _rt::Frame) -> Self {
                    match *s as u32 {
                        $($n => $t::$case $((<$pt as _rt::Lift>::lift(s.add(1), _f)))?,)*
                        _ => _rt::trap(),
                    }
                }
            }
            impl $(<$l>)? _rt::Lower for $t $(<$l>)? {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    _rt::store_tag(p, Self::TAG_, match self { $($t::$case { .. } => $n,)* });
                    $($(
                        if let $t::$case(payload) = self {
                            <$pt as _rt::Lower>::store(payload, p.add(Self::PAYLOAD_), _f);
                        }
                    )?)*
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = match self { $($t::$case { .. } => $n,)* };
                    $($(
                        if let $t::$case(payload) = self {
                            <$pt as _rt::Lower>::lower(payload, s.add(1), _f);
                        }
                    )?)*
                }
            }
            _rt::lend!($t $(<$l>)?);
        };
    }
    pub(super) use variant;

    /// `enumeration!(u8, Format)`: an enum without payloads, by the type of its discriminant.
    macro_rules! enumeration {
        ($tag:ty, $t:ident) => {
            impl _rt::Layout for $t {
                const SIZE: usize = std::mem::size_of::<$tag>();
                const ALIGN: usize = std::mem::size_of::<$tag>();
                const SLOTS: usize = 1;
                const PLAIN: bool = true;
            }
            impl _rt::Lift for $t {
                unsafe fn load(p: *const u8, _f: &mut _rt::Frame) -> Self {
                    (p as *const $t).read()
                }
                unsafe fn lift(s: *const u64, _f: &mut _rt::Frame) -> Self {
                    std::mem::transmute::<$tag, $t>(*s as $tag)
                }
            }
            impl _rt::Lower for $t {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    (p as *mut $t).write(*self)
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = *self as $tag as u64;
                }
            }
        };
    }
    pub(super) use enumeration;

    /// A set of flags in the vocabulary of the crate bitflags.
    macro_rules! flags {
        ($tag:ty, $t:ident { $($(#[$doc:meta])* $name:ident = $bit:expr;)* }) => {
            #[allow(non_upper_case_globals)]
            impl $t {
                $($(#[$doc])* pub const $name: $t = $t { bits: 1 << $bit };)*
            }
            impl $t {
                pub const fn empty() -> $t {
                    $t { bits: 0 }
                }
                pub const fn all() -> $t {
                    $t { bits: 0 $(| 1 << $bit)* }
                }
                pub const fn bits(&self) -> $tag {
                    self.bits
                }
                pub const fn from_bits_truncate(bits: $tag) -> $t {
                    $t { bits: bits & $t::all().bits }
                }
                pub const fn from_bits(bits: $tag) -> _rt::Option<$t> {
                    if bits & !$t::all().bits == 0 {
                        _rt::Option::Some($t { bits })
                    } else {
                        _rt::Option::None
                    }
                }
                pub const fn is_empty(&self) -> bool {
                    self.bits == 0
                }
                pub const fn is_all(&self) -> bool {
                    self.bits == $t::all().bits
                }
                pub const fn contains(&self, other: $t) -> bool {
                    self.bits & other.bits == other.bits
                }
                pub const fn intersects(&self, other: $t) -> bool {
                    self.bits & other.bits != 0
                }
                pub fn insert(&mut self, other: $t) {
                    self.bits |= other.bits;
                }
                pub fn remove(&mut self, other: $t) {
                    self.bits &= !other.bits;
                }
                pub fn toggle(&mut self, other: $t) {
                    self.bits ^= other.bits;
                }
                pub fn set(&mut self, other: $t, on: bool) {
                    if on {
                        self.insert(other)
                    } else {
                        self.remove(other)
                    }
                }
            }
            impl std::ops::BitOr for $t {
                type Output = $t;
                fn bitor(self, other: $t) -> $t {
                    $t { bits: self.bits | other.bits }
                }
            }
            impl std::ops::BitOrAssign for $t {
                fn bitor_assign(&mut self, other: $t) {
                    self.bits |= other.bits;
                }
            }
            impl std::ops::BitAnd for $t {
                type Output = $t;
                fn bitand(self, other: $t) -> $t {
                    $t { bits: self.bits & other.bits }
                }
            }
            impl std::ops::BitAndAssign for $t {
                fn bitand_assign(&mut self, other: $t) {
                    self.bits &= other.bits;
                }
            }
            impl std::ops::BitXor for $t {
                type Output = $t;
                fn bitxor(self, other: $t) -> $t {
                    $t { bits: self.bits ^ other.bits }
                }
            }
            impl std::ops::Sub for $t {
                type Output = $t;
                fn sub(self, other: $t) -> $t {
                    $t { bits: self.bits & !other.bits }
                }
            }
            impl std::ops::Not for $t {
                type Output = $t;
                fn not(self) -> $t {
                    $t { bits: !self.bits & $t::all().bits }
                }
            }
            impl _rt::Layout for $t {
                const SIZE: usize = std::mem::size_of::<$tag>();
                const ALIGN: usize = std::mem::size_of::<$tag>();
                const SLOTS: usize = 1;
                const PLAIN: bool = true;
            }
            impl _rt::Lift for $t {
                unsafe fn load(p: *const u8, _f: &mut _rt::Frame) -> Self {
                    $t { bits: (p as *const $tag).read() }
                }
                unsafe fn lift(s: *const u64, _f: &mut _rt::Frame) -> Self {
                    $t { bits: *s as $tag }
                }
            }
            impl _rt::Lower for $t {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    (p as *mut $tag).write(self.bits)
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = self.bits as u64;
                }
            }
        };
    }
    pub(super) use flags;

    // Resources.

    /// What gives a handle back to the host.
    pub trait Resource {
        unsafe fn drop_handle(handle: u32);
    }
    /// An owned handle; 0 once it was handed over.
    pub struct Handle<R: Resource> {
        handle: std::sync::atomic::AtomicU32,
        resource: std::marker::PhantomData<R>,
    }
    impl<R: Resource> Handle<R> {
        pub fn new(handle: u32) -> Handle<R> {
            Handle {
                handle: std::sync::atomic::AtomicU32::new(handle),
                resource: std::marker::PhantomData,
            }
        }
        pub fn get(&self) -> u32 {
            self.handle.load(std::sync::atomic::Ordering::Relaxed)
        }
        pub fn take(&self) -> u32 {
            self.handle.swap(0, std::sync::atomic::Ordering::Relaxed)
        }
    }
    impl<R: Resource> Drop for Handle<R> {
        fn drop(&mut self) {
            let handle = self.take();
            if handle != 0 {
                unsafe { R::drop_handle(handle) }
            }
        }
    }
    impl<R: Resource> std::fmt::Debug for Handle<R> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "#{}", self.get())
        }
    }
    /// An owned handle crosses as its number, and is handed over.
    macro_rules! own {
        ($t:ident) => {
            impl _rt::Layout for $t {
                const SIZE: usize = 4;
                const ALIGN: usize = 4;
                const SLOTS: usize = 1;
            }
            impl _rt::Lift for $t {
                unsafe fn load(p: *const u8, _f: &mut _rt::Frame) -> Self {
                    $t { handle_: _rt::Handle::new((p as *const u32).read()) }
                }
                unsafe fn lift(s: *const u64, _f: &mut _rt::Frame) -> Self {
                    $t { handle_: _rt::Handle::new(*s as u32) }
                }
            }
            impl _rt::Lower for $t {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    (p as *mut u32).write(self.handle_.take())
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = self.handle_.take() as u64;
                }
            }
        };
    }
    pub(super) use own;
    /// A borrowed handle of an imported resource is a reference. One that came in is given back when
    /// the frame ends.
    macro_rules! borrow {
        ($t:ident) => {
            impl<'a> _rt::Layout for &'a $t {
                const SIZE: usize = 4;
                const ALIGN: usize = 4;
                const SLOTS: usize = 1;
            }
            impl<'a> _rt::Lift for &'a $t {
                unsafe fn load(p: *const u8, f: &mut _rt::Frame) -> Self {
                    f.keep($t { handle_: _rt::Handle::new((p as *const u32).read()) })
                }
                unsafe fn lift(s: *const u64, f: &mut _rt::Frame) -> Self {
                    f.keep($t { handle_: _rt::Handle::new(*s as u32) })
                }
            }
            impl<'a> _rt::Lower for &'a $t {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    (p as *mut u32).write(self.handle_.get())
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = self.handle_.get() as u64;
                }
            }
        };
    }
    pub(super) use borrow;

    /// A resource of this component that the caller lent: the object itself.
    macro_rules! exported_borrow {
        ($t:ident) => {
            impl<'a> _rt::Layout for $t<'a> {
                const SIZE: usize = 4;
                const ALIGN: usize = 4;
                const SLOTS: usize = 1;
            }
            impl<'a> _rt::Lift for $t<'a> {
                unsafe fn load(p: *const u8, _f: &mut _rt::Frame) -> Self {
                    $t { object_: (p as *const u32).read(), lender_: std::marker::PhantomData }
                }
                unsafe fn lift(s: *const u64, _f: &mut _rt::Frame) -> Self {
                    $t { object_: *s as u32, lender_: std::marker::PhantomData }
                }
            }
            impl<'a> _rt::Lower for $t<'a> {
                unsafe fn store(&self, p: *mut u8, _f: &mut _rt::Frame) {
                    (p as *mut u32).write(self.object_)
                }
                unsafe fn lower(&self, s: *mut u64, _f: &mut _rt::Frame) {
                    *s = self.object_ as u64;
                }
            }
        };
    }
    pub(super) use exported_borrow;

    /// An object of this component behind a handle. Knows its type, so that asking for another one
    /// is a panic and nothing worse.
    #[repr(C)]
    pub struct Object<T: 'static> {
        type_: std::any::TypeId,
        pub value: T,
    }
    pub fn new_object<T: 'static>(value: T) -> *mut u8 {
        Box::into_raw(Box::new(Object { type_: std::any::TypeId::of::<T>(), value })) as *mut u8
    }
    pub unsafe fn object<'a, T: 'static>(rep: *mut u8) -> &'a T {
        let type_ = *(rep as *const std::any::TypeId);
        if type_ != std::any::TypeId::of::<T>() {
            panic!("the resource is of another type than {}", std::any::type_name::<T>());
        }
        &(*(rep as *const Object<T>)).value
    }
    pub unsafe fn take_object<T: 'static>(rep: *mut u8) -> T {
        object::<T>(rep);
        Box::from_raw(rep as *mut Object<T>).value
    }

    // Calls.

    /// Memory for a result or for parameters that do not fit into a core signature.
    #[repr(C, align(8))]
    pub struct Area<const N: usize>(pub [u8; N]);

    /// The result of an export in memory, with what it points to, until `cabi_post_…` ends it.
    #[repr(C)]
    pub struct Returned<T, const N: usize> {
        area: Area<N>,
        value: T,
        frame: Frame,
    }
    impl<T: Lower, const N: usize> Returned<T, N> {
        pub unsafe fn set(at: *mut std::mem::MaybeUninit<Returned<T, N>>, value: T) -> i32 {
            let at = at as *mut Returned<T, N>;
            at.write(Returned { area: Area([0; N]), value, frame: Frame::new() });
            let returned = &mut *at;
            returned.value.store(returned.area.0.as_mut_ptr(), &mut returned.frame);
            at as usize as i32
        }
        pub unsafe fn end(area: i32) {
            std::ptr::drop_in_place(area as u32 as usize as *mut Returned<T, N>);
        }
    }
    /// Takes the parameters' memory back.
    pub unsafe fn free_params(p: *mut u8, size: usize, align: usize) {
        free_buffer(p, size, align)
    }

    /// The allocator that a host calls to put strings and lists into this component's memory. It
    /// resizes by copying: hosts do that for strings in another encoding alone, and the allocator's
    /// own way would be a fifth of a small component. No type of the canonical ABI wants more than 8;
    /// adapters of WASI, which take memory here too, ask for 16.
    pub unsafe fn cabi_realloc(
        old: *mut u8,
        old_size: usize,
        align: usize,
        new_size: usize,
    ) -> *mut u8 {
        // A block that was aligned to 16 begins before `old`.
        let freed = if align > 8 { 0 } else { old_size };
        if new_size == 0 {
            free_buffer(old, freed, align);
            return align as *mut u8;
        }
        if align > 16 {
            trap();
        }
        // An alignment of 16 is rounded up within a larger block, which the adapter keeps for ever: with the
        // allocator's own way, every component would have that code.
        let block = alloc(MemoryLayout::from_size_align_unchecked(new_size + (align & 16), 8));
        if block.is_null() {
            trap();
        }
        let at = ((block as usize + align - 1) & !(align - 1)) as *mut u8;
        if old_size != 0 {
            std::ptr::copy_nonoverlapping(old, at, if old_size < new_size { old_size } else { new_size });
            free_buffer(old, freed, align);
        }
        at
    }
