#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The walls between the rooms: an `#include "tenon/ROOM/…"` points downward, to a header that the other room shows, and only
the files that ARCHITECTURE.md names call the system. `check_layers.py FOLDER` checks another tree."""
import pathlib
import re
import sys

import rooms

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()

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
    "runtime": ["engine", "component", "abi"],
    "wasi": ["runtime"],
    "preinit": ["wasi", "testing"],
    "testing": ["text", "runtime", "wasi"],
    "cli": ["base", "core", "types", "abi", "component", "text", "wit", "bindgen", "builder", "engine", "runtime",
            "wasi", "preinit", "testing"],
}
# A tier of code is a room within `engine`: only what enters it includes its headers (and tests); the others go by `code.h`.
TIER = "tenon/engine/interp/"
ENTER_TIER = ("tenon/engine/invoke.cpp", "tenon/engine/frames.cpp", "tenon/engine/code_cache.cpp", "tenon/engine/signals.cpp")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]tenon/([a-z_0-9]+)/([^">]+)[">]', re.M)
# One way to write an include, so that no other hides an arrow.
OTHER_INCLUDE = re.compile(r'^\s*#\s*include\s+(<tenon/[^>]+>|"\.\.?/[^"]+")', re.M)

# What of the system a file may use: each of these is a pattern of headers or of calls.
SYSTEM = {
    "files": re.compile(
        r"#\s*include\s+<(filesystem|fstream|unistd\.h|fcntl\.h|dirent\.h|sys/(?:stat|file|mman|uio)\.h)>|\b(?:fopen|freopen)\s*\("),
    "processes": re.compile(r"#\s*include\s+<(spawn\.h|dlfcn\.h|pthread\.h|sched\.h|c?signal(?:\.h)?|ucontext\.h|sys/wait\.h)>"
                            r"|\b(?:std::system|fork)\s*\("),
    "the environment": re.compile(r"\b((?:secure_)?getenv|setenv|unsetenv|putenv)\s*\("),
    "threads": re.compile(r"#\s*include\s+<(thread|future|stop_token)>"),
    "the network and other calls": re.compile(
        r"#\s*include\s+<(poll\.h|netdb\.h|ifaddrs\.h|resolv\.h|termios\.h|pwd\.h|grp\.h|(?:net|netinet|arpa|linux)/[^>]+"
        r"|sys/(?!stat\.|file\.|mman\.|uio\.|wait\.)[^>]+)>"),
}
# Rooms and files: all of it, or the kinds that are named. ARCHITECTURE.md, "Invariants", says why.
CALLS_SYSTEM = {
    "tenon/base/file.cpp": SYSTEM.keys(),
    "tenon/builder/": SYSTEM.keys(),
    "tenon/engine/": SYSTEM.keys(),
    "tenon/wasi/": SYSTEM.keys(),
    "tenon/cli/": SYSTEM.keys(),
    "tenon/wit/file_source.cpp": ["files"],
    "tenon/wit/load.cpp": ["files"],
    "tenon/core/validate.cpp": ["threads"],
    "tenon/testing/run_wast.cpp": ["threads"],
    "tenon/testing/schedule.cpp": ["threads"],
}


def is_test(path):
    return path.name.endswith(("_test.cpp", "_test.h")) or path.name.startswith("test_")


def system_faults(name, text):
    """The kinds of calls to the system that a file makes and may not."""
    allowed = {kind for place, kinds in CALLS_SYSTEM.items() if name == place or (place.endswith("/") and name.startswith(place))
               for kind in kinds}
    code = re.sub(r'"(\\.|[^"\\\n])*"|//[^\n]*', "", text)
    for kind, pattern in SYSTEM.items():
        if kind not in allowed and (match := pattern.search(code)):
            yield f"{name}: `{match[1] or match[0]}`: it may not use {kind} of the system; ARCHITECTURE.md says which files may"


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


def header_faults(name, room, text, public, shown, test):
    """Headers that a file of `room` includes and that their rooms do not show it. Tests read the helpers of each other."""
    for target, rest in INCLUDE.findall(text):
        header = f"tenon/{target}/{rest}"
        if test and is_test(pathlib.Path(header)):
            continue
        if target != room and header not in shown:
            yield f"{name}: {header} is private: name it under HEADERS or SHARED_HEADERS of its room, or use what is there"
        elif name in public and header not in public:
            yield f"{name}: it is public and includes {header}, which is not installed"


def main():
    public = {str(path.relative_to(ROOT)) for path in rooms.headers(ROOT, "HEADERS")}
    public |= {str(path.relative_to(ROOT)) for path in (ROOT / "tenon").glob("*.h")}
    shown = public | {str(path.relative_to(ROOT)) for path in rooms.headers(ROOT, "SHARED_HEADERS")}
    faults = [f"tenon/embed.h: it includes {name}, by way of others" for name in behind("tenon/embed.h").intersection(HIDDEN)]
    faults += [f"{path.parent.relative_to(ROOT)}/CMakeLists.txt: it names {path.name}, and there is no such file"
               for path in rooms.headers(ROOT, "HEADERS", "SHARED_HEADERS") if not path.is_file()]
    for path in sorted((ROOT / "tenon").rglob("*")):
        if path.suffix not in (".h", ".cpp", ".def", ".c", ".hpp"):
            continue
        room = path.relative_to(ROOT / "tenon").parts[0]
        if path.parent == ROOT / "tenon":
            room = "cli"  # what programs include: above all rooms
        name = str(path.relative_to(ROOT))
        if room not in ARROWS:
            faults.append(f"{name}: `{room}` is no room; `ARROWS` of tools/check_layers.py lists them")
            continue
        allowed = reachable(room) | {room}
        # What a room's tests make their inputs with may come from beside it.
        if is_test(path):
            allowed |= {"text", "component", "wit", "core", "types", "abi", "base"}
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target, rest = match.groups()
            header = f"tenon/{target}/{rest}"
            inside = name.startswith(TIER) or name in ENTER_TIER or (room == "engine" and is_test(path))
            if header.startswith(TIER) and not inside:
                faults.append(f"{name}: it includes {header}: what is no part of a tier goes by tenon/engine/code.h")
            if target in allowed:
                continue
            faults.append(f"{name}: `{room}` includes {header}: this arrow points upward")
        faults += [f"{name}: write the include of `{match[1]}` as \"tenon/…\"" for match in OTHER_INCLUDE.finditer(text)]
        faults += header_faults(name, room, text, public, shown, is_test(path))
        # Tests make folders, threads and environments of their own.
        if not is_test(path):
            faults += system_faults(name, text)
        if path.suffix == ".h" and re.search(r'^\s*#\s*include\s+<fmt/', text, re.M):
            faults.append(f"{name}: fmt stands in .cpp files only")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
