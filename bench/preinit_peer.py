#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""preinit_peer.py BENCH_PREINIT [INPUT FUNC FIRST]…: `tenon preinit` beside `wasmtime wizer`.

Of the module that bench_preinit writes, and of each INPUT whose FUNC initialises and FIRST is called: sizes, and the least
time of seven processes `wasmtime run --invoke FIRST` of what either made, code compiled before. Says why wizer refuses
an input. wasmtime is looked for in $TENON_PEERS/bin and in PATH, tenon beside BENCH_PREINIT's folder.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/peers"))
from find_peer import find_peer  # noqa: E402


def least(command, rounds=7):
    best = None
    for _ in range(rounds):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = time.perf_counter() - begin
        if done.returncode != 0:
            return None, done.stderr.strip().splitlines()[-1:]
        best = took if best is None else min(best, took)
    return best * 1e3, done.stdout.strip()


def main():
    bench = pathlib.Path(sys.argv[1]).absolute()
    tenon = bench.parent.parent / "tenon"
    wasmtime = find_peer("wasmtime")
    if wasmtime is None:
        print("no wasmtime in $TENON_PEERS/bin or PATH")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([bench, folder / "table.wasm"], check=True, stdout=subprocess.DEVNULL)
        inputs = [(folder / "table.wasm", "init", "first")]
        rest = sys.argv[2:]
        inputs += [(pathlib.Path(rest[i]), rest[i + 1], rest[i + 2]) for i in range(0, len(rest) - 2, 3)]
        for number, (source, func, first) in enumerate(inputs):
            makers = {
                "tenon": [tenon, "preinit", source, "--init-func", func, "-o", folder / f"{number}.tenon.wasm"],
                "wizer": [wasmtime, "wizer", "--init-func", func, "-o", folder / f"{number}.wizer.wasm", source],
            }
            print(f"{source.name}: {source.stat().st_size} bytes")
            for maker, command in makers.items():
                begin = time.perf_counter()
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                took = (time.perf_counter() - begin) * 1e3
                if done.returncode != 0:
                    print(f"  {maker} refuses: {' '.join(done.stderr.split())[-160:]}")
                    continue
                made = folder / f"{number}.{maker}.wasm"
                ran, result = least([wasmtime, "run", "--invoke", first, made])
                what = f"{ran:.1f} ms, {result}" if ran is not None else f"does not run: {result}"
                print(f"  {maker}: made in {took:.0f} ms, {made.stat().st_size} bytes; load and first call {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
