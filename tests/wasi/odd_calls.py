#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that call all of preview 1 with odd arguments: odd_calls.py TENON FOLDER [FIRST COUNT]. Each is made from a number, and runs
directly and as a component, over a directory with links that lead out, read-only for every third. It may end as it likes but for
an end of tenon itself; what lies outside of the directory stays as it was, and so does a directory that is read-only."""
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys

# d: a descriptor, i: 32 bits, I: 64 bits, Z: a size of a file, p: a place for a result, l: a length, b: a list of buffers and its
# length, s: a path and its length, w and c: subscriptions and their count.
FUNCTIONS = """args_get:pp args_sizes_get:pp environ_get:pp environ_sizes_get:pp clock_res_get:ip clock_time_get:iIp fd_advise:dIIi
fd_allocate:dZZ fd_close:d fd_datasync:d fd_fdstat_get:dp fd_fdstat_set_flags:di fd_fdstat_set_rights:dII fd_filestat_get:dp
fd_filestat_set_size:dZ fd_filestat_set_times:dIIi fd_pread:dbIp fd_prestat_get:dp fd_prestat_dir_name:dpl fd_pwrite:dbIp fd_read:dbp
fd_readdir:dplIp fd_renumber:dd fd_seek:dIip fd_sync:d fd_tell:dp fd_write:dbp path_create_directory:ds path_filestat_get:disp
path_filestat_set_times:disIIi path_link:disds path_open:disiIIip path_readlink:dsplp path_remove_directory:ds path_rename:dsds
path_symlink:sds path_unlink_file:ds poll_oneoff:wpcp proc_raise:i sched_yield: random_get:pl sock_accept:dip sock_recv:dbipp
sock_send:dbip sock_shutdown:di"""
WIDE = "IZ"
TWO = "bs"
PATHS = [b"f", b"d", b"d/g", b"l", b"l/", b"..", b"../outside", b"/etc/passwd", b".", b"./d/../f", b"n", b"d/", b"m", b"m/", b"",
         b".//d", b"d/../../outside", b"x/\0y", b"\xff\xfe", b"a" * 200, b"a" * 250 + b"/" + b"b" * 4]
SMALL = [0, 1, 2, 3, 4, 5, 6, 8, 16, 31, 32, 64, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
LARGE = [0, 1, 2, 64, 66, 127, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 5 * 10**9]
SIZES = [0, 1, 4096, 2**63, 2**64 - 1]  # none that a disk would have to keep
DESCRIPTORS = [3] * 8 + [0, 1, 2, 4, 5, 6, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
ALL_FUNCTIONS = [(name, kinds) for name, _, kinds in (word.partition(":") for word in FUNCTIONS.split())]


def data(at, content):
    return f'(data (i32.const {at}) "{"".join(f"{chr(92)}{byte:02x}" for byte in content)}")'


def arguments(choose, kinds, places):
    """The values of a call, each with its type."""
    out = []
    for kind in kinds:
        if kind in WIDE:
            out.append(f"(i64.const {choose.choice(LARGE if kind == 'I' else SIZES)})")
            continue
        path = choose.choice(places)
        values = {"i": [choose.choice(SMALL)], "d": [choose.choice(DESCRIPTORS)], "p": [choose.choice((40000, 40064, 50000))],
                  "l": [choose.choice((0, 1, 24, 100, 5000))], "b": [16, choose.randrange(4)], "s": list(path), "w": [8000],
                  "c": [choose.randrange(1, 5)]}[kind]
        out += [f"(i32.const {value})" for value in values]
    return out


def program(number, calls=400):
    choose = random.Random(number)
    lines = ["(module"]
    for name, kinds in ALL_FUNCTIONS:
        types = " ".join("i64" if kind in WIDE else "i32 i32" if kind in TWO else "i32" for kind in kinds)
        lines.append(f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {types}) (result i32)))')
    lines.append('(memory (export "memory") 2)')
    places = []
    for i, path in enumerate(PATHS):
        places.append((1024 + 256 * i, len(path)))
        lines.append(data(1024 + 256 * i, path))
    lines.append(data(16, struct.pack("<6I", 20000, 100, 30000, 5000, 60000, 0)))
    waits = b""
    for i in range(4):
        clock = struct.pack("<QB7xIxxxxQQH6x", i, 0, choose.randrange(2), choose.choice((0, 1, 1000)), 0, choose.randrange(2))
        waits += clock if i == 0 else struct.pack("<QB7xI28x", i, 1 + i % 2, choose.choice(SMALL))
    lines += [data(8000, waits), '(func (export "_start")']
    for _ in range(calls):
        name, kinds = choose.choice(ALL_FUNCTIONS)
        # The directory itself goes seldom.
        if name in ("fd_close", "fd_renumber", "fd_fdstat_set_rights") and choose.random() < 0.9:
            continue
        lines.append(f"(drop (call ${name} {' '.join(arguments(choose, kinds, places))}))")
    return "\n".join(lines) + "))"


def tree(of):
    return {str(path.relative_to(of)): path.read_bytes() if path.is_file() and not path.is_symlink() else None for path in of.rglob("*")}


def fault(tenon, folder, wasm, read_only):
    """What one run did that it must not, or nothing."""
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    inside = root / "inside"
    (inside / "d").mkdir(parents=True)
    (root / "outside").write_text("out", encoding="utf-8")
    (inside / "f").write_text("keep", encoding="utf-8")
    (inside / "d" / "g").write_text("g", encoding="utf-8")
    os.symlink("../outside", inside / "l")
    os.symlink("../made", inside / "m")
    before = tree(root)
    grant = f"{inside}::/" + (":ro" if read_only else "")
    done = subprocess.run([tenon, "run", "-q", "--timeout", "20", "--dir", grant, wasm], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300, check=False)
    if done.returncode not in (0, 134) or b"Sanitizer" in done.stderr or b"interrupted" in done.stderr:
        return f"ends with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}"
    after = tree(root)
    beyond = {name: content for name, content in after.items() if not name.startswith("inside")}
    if beyond != {"outside": b"out"}:
        return f"left its directory: {beyond}"
    return "changed what is read-only" if read_only and after != before else ""


def main():
    tenon, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    first, count = (int(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (0, 12)
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for number in range(first, first + count):
        text, component = folder / "program.wat", folder / "program.wasm"
        text.write_text(program(number), encoding="utf-8")
        subprocess.run([tenon, "component", "new", text, "-o", component], check=True)
        for wasm in (text, component):
            if found := fault(tenon, folder, wasm, number % 3 == 0):
                failed += 1
                print(f"program {number} ({wasm.suffix}) {found}")
    print(f"{2 * count - failed} of {2 * count} runs as they may be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
