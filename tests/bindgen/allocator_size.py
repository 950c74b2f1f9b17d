#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The small allocators are at most a kilobyte of code each: `allocator_size.py DIR`.

Each is compiled for size into a module that exports how to take, move and give back memory. 77 when a
compiler is missing.
"""
import os
import subprocess
import sys

from check import find, wasm_rustc

LIMIT = 1024
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
C = """#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
void *malloc(size_t);
void free(void *);
void *realloc(void *, size_t);
__attribute__((export_name("take"))) void *take(size_t n) { return malloc(n); }
__attribute__((export_name("move"))) void *move_(void *p, size_t n) { return realloc(p, n); }
__attribute__((export_name("give"))) void give(void *p) { free(p); }
#ifdef __cplusplus
}
#endif
"""
RUST = """
use std::alloc::{alloc, dealloc, realloc, Layout};
fn layout(n: usize) -> Layout { unsafe { Layout::from_size_align_unchecked(n, 8) } }
#[no_mangle] pub unsafe extern "C" fn take(n: usize) -> *mut u8 { alloc(layout(n)) }
#[no_mangle] pub unsafe extern "C" fn move_(p: *mut u8, old: usize, n: usize) -> *mut u8 { realloc(p, layout(old), n) }
#[no_mangle] pub unsafe extern "C" fn give(p: *mut u8, n: usize) { dealloc(p, layout(n)) }
"""


def sections(data):
    at = 8
    while at < len(data):
        kind, size, shift = data[at], 0, 0
        at += 1
        while True:
            size |= (data[at] & 127) << shift
            shift += 7
            at += 1
            if data[at - 1] < 128:
                break
        yield kind, size
        at += size


def code_size(path):
    with open(path, "rb") as f:
        return sum(size for kind, size in sections(f.read()) if kind == 10)


def run(command):
    subprocess.run(command, check=True)


def link(out, *objects):
    run([find("wasm-ld-22", "wasm-ld"), "--no-entry", "--gc-sections", "-s", "--allow-undefined", "--export-if-defined=take",
         "--export-if-defined=move_", "--export-if-defined=give", *objects, "-o", out])
    return out


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    path = lambda name: os.path.join(folder, name)
    clang, rustc = find("clang-22", "clang"), wasm_rustc()
    if not clang or not rustc or not find("wasm-ld-22", "wasm-ld"):
        print("skipped: no compiler for wasm32")
        return 77
    small = f'#include "{ROOT}/guest/small_malloc.c"\n'
    sizes = {}
    for name, compiler in (("c", [clang]), ("cpp", [clang, "-xc++"])):
        with open(path(name + ".source"), "w", encoding="utf-8") as f:
            f.write(C + small)
        run([*compiler, *([] if name == "cpp" else ["-xc"]), "--target=wasm32-wasi", "-Wno-deprecated", "-Os", "-c",
             path(name + ".source"), "-o", path(name + ".o")])
        sizes[name] = code_size(link(path(name + ".wasm"), path(name + ".o")))
    with open(f"{ROOT}/guest/rust/small_alloc.rs", encoding="utf-8") as f, open(path("small.rs"), "w", encoding="utf-8") as out:
        out.write("mod small {\n" + f.read() + "#[global_allocator]\nstatic GLOBAL: WeeAlloc = WeeAlloc::INIT;\n}\n" + RUST)
    run([rustc, "--edition", "2021", "--crate-type", "rlib", "--emit", "obj", "--target", "wasm32-unknown-unknown", "-C", "opt-level=s",
         "-C", "panic=abort", "-C", "codegen-units=1", path("small.rs"), "-o", path("small.o")])
    # The functions that rustc makes for every program ask for the allocator by these names.
    with open(path("glue.c"), "w", encoding="utf-8") as f:
        f.write("".join(f"{r} __rg_{n}({p}); {r} __rust_{n}({p}) {{ return __rg_{n}({a}); }}\n" for r, n, p, a in (
            ("void *", "alloc", "unsigned n, unsigned a", "n, a"), ("void", "dealloc", "void *m, unsigned n, unsigned a", "m, n, a"),
            ("void *", "realloc", "void *m, unsigned n, unsigned a, unsigned to", "m, n, a, to"))))
    run([clang, "--target=wasm32-wasi", "-Wno-deprecated", "-Os", "-c", path("glue.c"), "-o", path("glue.o")])
    sizes["rust"] = code_size(link(path("rust.wasm"), path("small.o"), path("glue.o")))
    print(", ".join(f"{name} {size} bytes" for name, size in sizes.items()))
    return 0 if all(0 < size <= LIMIT for size in sizes.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
