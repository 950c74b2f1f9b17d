#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times calls across a component's boundary on tenon and on a peer, in turn, and prints one table.

usage: boundary.py CALLS.wasm PEER [--tenon build/release/bin/bench_call_boundary] [--rounds 3] [--realtime]

Both programs print `NAME NANOSECONDS` lines and find linked.wasm beside CALLS.wasm. The least of all rounds
counts; the ratio is tenon's time by the peer's. --realtime runs both above everything else (needs root), for
a machine that is busy. A target that is missed makes the exit status 1.
"""
import argparse
import subprocess
import sys

# The most that tenon may take, as a part of the peer's time, with its interpreter alone.
TARGETS = {"nop": 0.5, "add": 0.5, "divide-ok": 0.5, "divide-err": 0.5, "len-1m": 1.0, "echo-1m": 1.0,
           "host-inc-x1000": 1.0, "instantiate-pooled": 1.0, "linked-spin-nop-x1000": 10.0,
           "linked-spin-inc-x1000": 10.0, "linked-spin-len-x1000": 10.0}


def run(command, into):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        name, value = line.split()
        into[name] = min(into.get(name, float("inf")), float(value))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("calls")
    parser.add_argument("peer")
    parser.add_argument("--tenon", default="build/release/bin/bench_call_boundary")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--realtime", action="store_true")
    options = parser.parse_args()
    before = ["chrt", "-f", "10"] if options.realtime else []
    ours, theirs = {}, {}
    for _ in range(options.rounds):
        run([*before, options.tenon, options.calls], ours)
        run([*before, options.peer, options.calls], theirs)
    missed = 0
    print(f"{'case':28}{'tenon ns':>12}{'peer ns':>12}{'ratio':>8}  target")
    for name, value in ours.items():
        peer, target = theirs.get(name), TARGETS.get(name)
        line = f"{name:28}{value:12.1f}"
        if peer is not None:
            line += f"{peer:12.1f}{value / peer:8.2f}"
        if target is not None and peer is not None:
            met = value / peer <= target
            missed += not met
            line += f"  {target:g} {'met' if met else 'MISSED'}"
        print(line)
    return 1 if missed else 0


sys.exit(main())
