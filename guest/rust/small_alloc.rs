// tenon's small allocator. Bindings have it in a module of their own where the project says `allocator = "small"`, and
// the crate `wee_alloc` of the Bazel rules is made of it.
use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;

/// An allocator for guests that want to stay small: blocks of powers of two, one free list for each.
pub struct WeeAlloc {
    /// Addresses of free blocks by order; the next one's stands in the block.
    free: UnsafeCell<[usize; 32]>,
    at: UnsafeCell<usize>,
    end: UnsafeCell<usize>,
}

#[cfg(target_arch = "wasm32")]
fn memory_grow(pages: usize) -> usize {
    core::arch::wasm32::memory_grow(0, pages)
}
#[cfg(not(target_arch = "wasm32"))]
fn memory_grow(_: usize) -> usize {
    usize::MAX
}

// A guest has one thread.
unsafe impl Sync for WeeAlloc {}

impl WeeAlloc {
    /// What a `#[global_allocator]` begins with.
    #[allow(clippy::declare_interior_mutable_const)]
    pub const INIT: WeeAlloc =
        WeeAlloc { free: UnsafeCell::new([0; 32]), at: UnsafeCell::new(0), end: UnsafeCell::new(0) };
}

/// What no block is aligned beyond; a layout that asks for more is never used again.
const ALIGN: usize = 16;

fn order_of(size: usize, align: usize) -> usize {
    let size = size.max(align).max(8);
    32 - (size as u32 - 1).leading_zeros() as usize
}

impl WeeAlloc {
    unsafe fn grow(&self, size: usize, align: usize) -> *mut u8 {
        let mut block = (*self.at.get() + align - 1) & !(align - 1);
        if block + size > *self.end.get() {
            let pages = (size + align + 0xFFFF) >> 16;
            let old = memory_grow(pages);
            if old == usize::MAX {
                return core::ptr::null_mut();
            }
            // Somebody else grew the memory: what lies between is theirs.
            if old << 16 != *self.end.get() {
                block = ((old << 16) + align - 1) & !(align - 1);
            }
            *self.end.get() = (old + pages) << 16;
        }
        *self.at.get() = block + size;
        block as *mut u8
    }
}

unsafe impl GlobalAlloc for WeeAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > 1 << 30 {
            return core::ptr::null_mut();
        }
        let order = order_of(layout.size(), layout.align());
        let head = (self.free.get() as *mut usize).add(order);
        if layout.align() <= ALIGN && *head != 0 {
            let block = *head;
            *head = *(block as *const usize);
            return block as *mut u8;
        }
        self.grow(1 << order, layout.align().max(ALIGN.min(1 << order)))
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if layout.align() > ALIGN {
            return;
        }
        let head = (self.free.get() as *mut usize).add(order_of(layout.size(), layout.align()));
        *(memory as *mut usize) = *head;
        *head = memory as usize;
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if order_of(size, layout.align()) == order_of(layout.size(), layout.align()) {
            return memory;
        }
        let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            core::ptr::copy_nonoverlapping(memory, moved, layout.size().min(size));
            self.dealloc(memory, layout);
        }
        moved
    }
}
