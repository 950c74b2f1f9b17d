#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what an idle guest costs on tenon and on wasmtime (PyPI's `wasmtime`), and prints one table.

usage: idle_peer.py [--tenon build/release/bin/bench_idle] [--calculator CALCULATOR.wasm] [--instances 1000]

The peer runs a core module of the shape of `bench_idle`'s small component; what a Python object takes is
measured first and taken off. Without the package the table has tenon's column alone.
"""
import argparse
import importlib.metadata
import os
import subprocess
import sys

MODULE = """(module (memory (export "mem") 1)
  (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1))))"""


def rollup(key, path="/proc/self/smaps_rollup"):
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key):
                return float(line.split()[1])
    raise SystemExit(f"no {key} in {path}")


def apart(measure):
    """What a function that runs in a child of its own gives: a dictionary of numbers."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(write, "w", encoding="ascii") as out:
            for name, value in measure().items():
                out.write(f"{name} {value}\n")
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="ascii") as lines:
        result = {name: float(value) for name, value in (line.split() for line in lines)}
    os.waitpid(child, 0)
    return result


def peer(count, own):
    import wasmtime
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, MODULE)
    kept = [wasmtime.Store(engine)]
    kept.append(wasmtime.Instance(kept[0], module, []))
    resident, space = rollup("Rss:"), rollup("VmSize:", "/proc/self/status")
    store = wasmtime.Store(engine)
    for _ in range(count):
        if own:
            store = wasmtime.Store(engine)
            kept.append(store)
        kept.append(wasmtime.Instance(store, module, []))
    name = f"idle.small.{'own' if own else 'one'}_store.{count}"
    result = {name + ".kib": (rollup("Rss:") - resident) / count,
              name + ".gib_of_address_space": (rollup("VmSize:", "/proc/self/status") - space) / count / 2**20}
    kept.clear()
    del store
    result[name + ".dropped.kib"] = rollup("Rss:") - resident
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenon", default="build/release/bin/bench_idle")
    parser.add_argument("--calculator")
    parser.add_argument("--instances", type=int, action="append")
    options = parser.parse_args()
    theirs = {}
    try:
        import wasmtime
        print(f"peer: wasmtime {importlib.metadata.version('wasmtime')}")
        for count in options.instances or [1000, 10000]:
            for own in (True, False):
                theirs.update(apart(lambda count=count, own=own: peer(count, own)))
    except ImportError:
        print("peer: none (pip install wasmtime, in a virtual environment)")
    command = [options.tenon] + ([options.calculator] if options.calculator else [])
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"{'figure':56}{'tenon':>12}{'peer':>12}")
    for line in out.splitlines():
        name, value = line.split()
        other = theirs.get(name)
        print(f"{name:56}{float(value):12.2f}" + ("" if other is None else f"{other:12.2f}"))
    return 0


sys.exit(main())
