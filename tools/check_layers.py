#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The arrows between the rooms: an `#include "tenon/ROOM/…"` may only point downward."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Room -> the rooms it may include directly; what those may include is allowed as well.
# `types` stands below `abi`, which lays them out, and `abi` below `component`: validation of a component needs
# the flat types of its functions.
ARROWS = {
    "base": [],
    "core": ["base"],
    "types": ["core"],
    "abi": ["types"],
    "component": ["abi"],
    "text": ["component"],
    "wit": ["component"],
    "bindgen": ["wit", "abi"],
    "builder": ["wit", "abi", "text", "bindgen"],
    "engine": ["core"],
    "llvm": ["engine"],
    "runtime": ["engine", "component", "abi"],
    "wasi": ["runtime"],
    "preinit": ["wasi", "testing"],
    "testing": ["text", "runtime", "wasi"],
    "serve": ["wasi"],
    "lsp": ["wit"],
    "cli": ["base", "core", "types", "abi", "component", "text", "wit", "bindgen", "builder", "engine", "llvm", "runtime",
            "wasi", "preinit", "testing", "serve", "lsp"],
}
# A tier of code is a room within `engine`: only what enters it includes its headers (and tests); the others go by `code.h`.
TIER = "tenon/engine/interp/"
ENTER_TIER = ("invoke.cpp", "frames.cpp", "code_cache.cpp", "signals.cpp")
INCLUDE = re.compile(r'^\s*#\s*include\s+"tenon/([a-z_0-9]+)/([^"]+)"', re.M)
LLVM = re.compile(r'^\s*#\s*include\s+[<"](llvm|llvm-c|clang)/', re.M)


def reachable(room, seen=None):
    seen = seen if seen is not None else set()
    for below in ARROWS[room]:
        if below not in seen:
            seen.add(below)
            reachable(below, seen)
    return seen


# What every host would read with the public header: the insides of components and modules (`bench/headers.py` tells what a
# header costs).
HIDDEN = ("tenon/core/module.h", "tenon/component/component.h", "tenon/component/info.h", "tenon/engine/module.h",
          "tenon/runtime/compiled_component.h", "tenon/runtime/instance_state.h")


def behind(header):
    """Every header that one includes, by way of others too."""
    seen, queue = set(), [header]
    while queue:
        path = ROOT / queue.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        queue += re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(encoding="utf-8"), re.M)
    return {str(path.relative_to(ROOT)) for path in seen}


def main():
    faults = [f"tenon/embed.h: it includes {name}, by way of others" for name in behind("tenon/embed.h").intersection(HIDDEN)]
    for path in sorted((ROOT / "tenon").rglob("*")):
        if path.suffix not in (".h", ".cpp", ".def", ".c", ".hpp"):
            continue
        room = path.relative_to(ROOT / "tenon").parts[0]
        if path.parent == ROOT / "tenon":
            room = "cli"  # what programs include: above all rooms
        name = path.relative_to(ROOT)
        if room not in ARROWS:
            faults.append(f"{name}: `{room}` is no room; tools/check_layers.py lists them")
            continue
        allowed = reachable(room) | {room}
        # What a room's tests make their inputs with may come from beside it.
        if path.name.endswith(("_test.cpp", "_test.h")) or path.name.startswith("test_"):
            allowed |= {"text", "component", "wit", "core", "types", "abi", "base"}
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target, rest = match.groups()
            header = f"tenon/{target}/{rest}"
            inside = str(name).startswith(TIER) or path.name in ENTER_TIER or path.name.endswith("_test.cpp")
            if header.startswith(TIER) and not inside:
                faults.append(f"{name}: it includes {header}: what is no part of a tier goes by tenon/engine/code.h")
            if target in allowed:
                continue
            faults.append(f"{name}: `{room}` includes {header}: this arrow points upward")
        if room != "llvm" and LLVM.search(text):
            faults.append(f"{name}: only the room `llvm` includes LLVM")
        if path.suffix == ".h" and re.search(r'^\s*#\s*include\s+<fmt/', text, re.M):
            faults.append(f"{name}: fmt stands in .cpp files only")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
