#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times the kernels on tenon's interpreter, on wasmi and on wasmtime's compiled code, in turn, and prints one table.

usage: kernels.py CORE.wasm COMPONENT.wasm WASMI KERNELS_OF_WASMTIME [KERNEL...]
       [--tenon build/release/bin/bench_interp] [--rounds 3] [--realtime]

CORE.wasm is the core module, COMPONENT.wasm the same as a component (the wasmtime program prints
`NAME MILLISECONDS CHECKSUM` lines for it). tenon and wasmi are timed by the CPU time they use, wasmi's start-up taken off;
the least of all rounds counts. --realtime runs all of them above everything else (needs root), for a machine
that is busy. Exit status 1: a checksum differs, a kernel is slower than wasmi's, or the geometric mean of tenon's
time by wasmtime's is above 6.
"""
import argparse
import math
import os
import subprocess
import sys

ARGUMENTS = {"matmul": 10, "nbody": 500000, "sha256": 100, "quicksort": 10, "hash": 5000000, "mandel": 400,
             "vm": 20000000, "fib": 35}
MOST_OF_COMPILED = 6.0


def cpu_milliseconds(command):
    """CPU time of a whole process, and what it printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return (used.ru_utime + used.ru_stime) * 1e3, out.strip()


def least(into, name, value):
    into[name] = min(into.get(name, math.inf), value)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("core")
    parser.add_argument("component")
    parser.add_argument("wasmi")
    parser.add_argument("compiled")
    parser.add_argument("kernels", nargs="*", default=[])
    parser.add_argument("--tenon", default="build/release/bin/bench_interp")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--realtime", action="store_true")
    options = parser.parse_args()
    before = ["chrt", "-f", "10"] if options.realtime else []
    names = options.kernels or list(ARGUMENTS)
    tenon, wasmi, compiled, sums = {}, {}, {}, {}

    def note(engine, name, printed):
        value = float(printed)
        if not math.isclose(sums.setdefault(name, value), value, rel_tol=1e-5):
            sys.exit(f"{name}: {engine} computes {value}, others {sums[name]}")

    invoke = [*before, options.wasmi, "run", "--invoke"]
    for _ in range(options.rounds):
        for _ in range(3):
            least(wasmi, "", cpu_milliseconds([*invoke, "touch", options.core, "0"])[0])
        for name in names:
            for _ in range(3):
                used, printed = cpu_milliseconds([*invoke, name, options.core, str(ARGUMENTS[name])])
                least(wasmi, name, used)
            note("wasmi", name, float_of(name, printed))
            _, printed = cpu_milliseconds([*before, options.tenon, options.core, name])
            least(tenon, name, float(printed.split()[1]))
            note("tenon", name, printed.split()[2])
        _, printed = cpu_milliseconds([*before, options.compiled, options.component])
        for line in printed.splitlines():
            name, *rest = line.split()
            if name in names:
                least(compiled, name, float(rest[0]))
                note("wasmtime", name, float_of(name, rest[1].split("(")[1].rstrip(")")))

    slower = 0
    print(f"{'kernel':10}{'tenon ms':>11}{'wasmi ms':>11}{'compiled ms':>13}{'by wasmi':>10}{'by compiled':>13}")
    for name in names:
        theirs = wasmi[name] - wasmi[""]
        slower += tenon[name] > theirs
        print(f"{name:10}{tenon[name]:11.2f}{theirs:11.2f}{compiled[name]:13.2f}{tenon[name] / theirs:10.3f}"
              f"{tenon[name] / compiled[name]:13.2f}")
    by_wasmi = geometric_mean([tenon[n] / (wasmi[n] - wasmi[""]) for n in names])
    by_compiled = geometric_mean([tenon[n] / compiled[n] for n in names])
    print(f"{'geometric mean':45}{by_wasmi:10.3f}{by_compiled:13.2f}")
    return 1 if slower or by_compiled > MOST_OF_COMPILED else 0


def float_of(name, printed):
    """A result as the others print it: integers without a sign, but for `vm`."""
    number = float(printed)
    if name in ("matmul", "nbody"):
        return str(number)
    whole = int(number) % 2**32
    return str(whole - 2**32 if name == "vm" and whole >= 2**31 else whole)


sys.exit(main())
