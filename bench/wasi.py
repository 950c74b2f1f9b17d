#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files by stream and small calls of WASI, on tenon and on wasmtime: a file of 1 GiB is read and written in pieces of 64 KiB, once by
a module of preview 1 and once by a component over wasi:io, and the clock and random bytes are asked for a million times each.

usage: wasi.py [--tenon build/release/tenon] [--peer wasmtime] [--mib 1024] [--rounds 9] [--folder /dev/shm]

What counts is CPU time of the process (user and system): for files that of the whole run, in MiB/s; for calls without what a program
takes that makes none, in ns. Both engines run in turn on one processor, and each round swaps who is first. A figure is the median of
its rounds, the ratio (above 1: tenon is faster) the median of the rounds' ratios. The peer is looked for in $TENON_PEERS/bin, then in
PATH; without it tenon's column stands alone.

The files lie in memory, so that no disk is measured. The file that is read is never written in between, and one run that does not
count has read it: the system takes a quarter longer for whoever reads a page first, and that must not fall on one engine alone.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "peers"))
from find_peer import find_peer  # noqa: E402

PIECE = 65536
CALLS = 1_000_000
# A name at 16, what is opened at 32, one buffer's place and size at 0, its bytes from 65,536 on.
MODULE = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "file")
  (func $must (param i32) (if (local.get 0) (then (unreachable))))
  (func $open_file (param $flags i32)
    (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (local.get $flags)
      (i64.const 0x7f) (i64.const 0) (i32.const 0) (i32.const 32)))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const {piece})))
  (func (export "_start") (local $i i32)
    {body}))
"""
BODIES = {
    "nothing": "(call $open_file (i32.const 1))",
    "read": """(call $open_file (i32.const 0))
    (loop $next
      (call $must (call $read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.load (i32.const 8))))
      (br_if $next (i32.load (i32.const 8))))
    (call $must (i32.ne (local.get $i) (i32.const {bytes})))""",
    "write": """(call $open_file (i32.const 9))
    (loop $next
      (call $must (call $write (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.load (i32.const 8))))
      (br_if $next (i32.lt_u (local.get $i) (i32.const {bytes}))))""",
    "clock_now": """(loop $next
      (call $must (call $clock (i32.const 1) (i64.const 1) (i32.const 8)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {calls}))))""",
    "random": """(loop $next
      (call $must (call $random (i32.const 8) (i32.const 16)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {calls}))))""",
}


def cpu_seconds(command):
    child = subprocess.Popen([str(word) for word in command])
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command} ends with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def programs(tenon, scratch, mib):
    out = {}
    for name, body in BODIES.items():
        text = scratch / f"{name}.wat"
        numbers = {"bytes": mib << 20, "calls": CALLS}
        text.write_text(MODULE.format(piece=PIECE, body=body.format(**numbers)), encoding="utf-8")
        module, component = scratch / f"{name}.wasm", scratch / f"{name}.component.wasm"
        subprocess.run([tenon, "parse", text, "-o", module], check=True)
        subprocess.run([tenon, "component", "new", module, "-o", component], check=True)
        out[name] = {"preview1": module, "component": component}
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenon", default="build/release/tenon")
    parser.add_argument("--peer", default=find_peer("wasmtime"))
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", default="/dev/shm")
    options = parser.parse_args()
    engines = {"tenon": options.tenon} | ({"peer": options.peer} if options.peer else {})
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        scratch = pathlib.Path(name)
        made = programs(options.tenon, scratch, options.mib)
        for case in made:
            (scratch / f"{case}.work").mkdir()
        with (scratch / "read.work" / "file").open("wb") as file:
            for _ in range(options.mib):
                file.write(bytes(range(256)) * 4096)

        taken = {(case, kind, engine): [] for case in made for kind in ("preview1", "component") for engine in engines}
        for number in range(-1, options.rounds):
            order = list(engines.items())[:: 1 if number % 2 else -1]
            for case, kinds in made.items():
                for kind, program in kinds.items():
                    for engine, path in order:
                        seconds = cpu_seconds([path, "run", "--dir", f"{scratch}/{case}.work::/", program])
                        if number >= 0:
                            taken[case, kind, engine].append(seconds)

    print(f"{'figure':32}" + "".join(f"{engine:>12}" for engine in engines) + ("       ratio" if len(engines) == 2 else ""))
    for case in list(BODIES)[1:]:
        for kind in ("preview1", "component"):
            file = case in ("read", "write")
            counted = []
            for engine in engines:
                idle = 0 if file else statistics.median(taken["nothing", kind, engine])
                counted.append([seconds - idle for seconds in taken[case, kind, engine]])
            unit = "mib_per_s" if file else "ns"
            medians = [statistics.median(seconds) for seconds in counted]
            figures = [options.mib / t if file else t / CALLS * 1e9 for t in medians]
            ratio = f"{statistics.median(b / a for a, b in zip(*counted)):12.2f}" if len(counted) == 2 else ""
            print(f"{f'wasi.{kind}.{case}.{unit}':32}" + "".join(f"{f:12.4g}" for f in figures) + ratio)
    return 0


if __name__ == "__main__":
    sys.exit(main())
