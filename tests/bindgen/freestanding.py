#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guests link without any library and import nothing, where the world allows: `freestanding.py GENERATOR DIR`.

In C++ a world of numbers, records, enums and flags; in C any world, with the small allocator. 77 when a compiler
is missing.
"""
import os
import subprocess
import sys

from allocator_size import ROOT, sections
from check import find

WORLD = """package test:small;

interface numbers {{
    record point {{ x: f64, y: f64 }}
    enum side {{ left, right }}
    flags marks {{ up, down }}
    {more}
    turn: func(by: point, to: side, how: marks) -> f64;
}}

world small {{ export numbers; }}
"""
C = """#include "small.h"
double exports_test_small_numbers_turn(exports_test_small_numbers_point_t *by, exports_test_small_numbers_side_t to,
                                       exports_test_small_numbers_marks_t how) {
  return by->x * by->y + to + how;
}
void exports_test_small_numbers_twice(small_string_t *text, small_string_t *ret) {
  *ret = *text;
}
"""
CPP = """#include "small.hpp"
struct Component {
  static double turn(small::exports::test::small::numbers::point by, small::exports::test::small::numbers::side to,
                     small::exports::test::small::numbers::marks how) {
    return by.x * by.y + static_cast<double>(to) + static_cast<double>(how);
  }
};
TENON_EXPORT(small, Component);
"""
FLAGS = ["--target=wasm32-wasi", "-Wno-deprecated", "-ffreestanding", "-mbulk-memory", "-Os", "-s", "-nostdlib", "-Wl,--no-entry"]


def build(generator, folder, lang, more, source, command):
    made = os.path.join(folder, lang)
    os.makedirs(made, exist_ok=True)
    wit = os.path.join(made, "small.wit")
    with open(wit, "w", encoding="utf-8") as f:
        f.write(WORLD.format(more=more))
    subprocess.run([generator, made, wit], check=True)
    bindings = os.path.join(made, "small", "small", lang)
    mine = os.path.join(made, "main." + lang)
    with open(mine, "w", encoding="utf-8") as f:
        f.write(source)
    out = os.path.join(made, "small.wasm")
    subprocess.run([*command, *FLAGS, f"-I{bindings}", mine, os.path.join(bindings, "small." + lang), "-o", out], check=True)
    with open(out, "rb") as f:
        data = f.read()
    kinds = [kind for kind, _ in sections(data)]
    print(f"{lang}: {len(data)} bytes, {'imports something' if 2 in kinds else 'no imports'}")
    return 2 not in kinds


def main():
    generator, folder = sys.argv[1:]
    clang, clangxx = find("clang-22", "clang"), find("clang++-22", "clang++")
    if not clang or not clangxx:
        print("skipped: no compiler for wasm32")
        return 77
    small = os.path.join(ROOT, "guest", "small_malloc.c")
    good = build(generator, folder, "c", "twice: func(text: string) -> string;", C, [clang, small])
    os.makedirs(folder, exist_ok=True)
    object_ = os.path.join(folder, "small_malloc.o")
    subprocess.run([clang, *FLAGS[:5], "-c", small, "-o", object_], check=True)
    return 0 if build(generator, folder, "cpp", "", CPP, [clangxx, "-std=c++23", "-fno-exceptions", "-fno-rtti", object_]) and good else 1


if __name__ == "__main__":
    sys.exit(main())
