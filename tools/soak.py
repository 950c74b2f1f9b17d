#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Long runs in slices: differential fuzzing against other engines, and the fuzz targets, those that run code
also under the stress settings of the engine.

    soak.py --seconds 600                        ten minutes, for what has run least at this commit
    soak.py --seconds 600 components objects     the same of these alone
    soak.py --status                             the ledger of this commit

Each slice goes to the subject with the fewest seconds at this commit; the ledger (build/soak) is kept after
each. What is found stays in build/soak/findings, or in build/fuzz/findings for fuzz targets.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

import fuzz
from ledger import Ledger

ROOT = pathlib.Path(__file__).resolve().parent.parent
FINDINGS = "build/soak/findings"
SKIPPED = 77
# Of targets that run code; TENON_STRESS as engine/testing.h reads it.
STRESS = {"": "", "collect": "collect,poison", "far": "far,poison", "stack": "stack"}
RUN_CODE = ["component_run"]


def differential(*command):
    """A subject that runs a script of tests/execution and counts its last line."""
    def run(seconds):
        done = subprocess.run([*command, "--keep", FINDINGS, "--seconds", str(seconds)], cwd=ROOT, capture_output=True, text=True)
        if done.returncode == SKIPPED:
            return None
        print("\n".join(done.stdout.splitlines()[:-1][:40]), end="\n" if done.stdout.count("\n") > 1 else "")
        counted = re.search(r"(\d+) (?:modules|components)", done.stdout)
        if counted is None:
            return 0, [done.stderr[-300:]]
        return int(counted.group(1)), sorted(set(re.findall(rf"{FINDINGS}/\S+?\.wa(?:t|sm)\b", done.stdout)))
    return run


def fuzzing(name, stress):
    def run(seconds):
        label = f"{name}-{stress}" if stress else name
        return fuzz.run(name, seconds, {"TENON_STRESS": STRESS[stress]}, label)
    return run


def subjects():
    opinion = ["tests/execution/second_opinion.py", "--script-of-module", "build/release/bin/script_of_module",
               "--tenon", "build/release/tenon"]
    out = {
        "components": differential("tests/execution/component_diff.py", "--tenon", "build/release/tenon"),
        "objects": differential(*opinion, "--mixture", "objects"),
        "modules": differential(*opinion, "--mixture", "scalar", "--mixture", "simd", "--mixture", "gc"),
    }
    for name in fuzz.targets():
        for stress in STRESS if name in RUN_CODE else [""]:
            out[f"fuzz-{name}" + (f"-{stress}" if stress else "")] = fuzzing(name, stress)
    return out


def table(ledger, names):
    print(f"{'subject':32}{'seconds':>9}{'executions':>12}{'findings':>10}   {ledger.state}")
    total = [0, 0, 0]
    for name in names:
        row = ledger.rows.get(name, {"seconds": 0, "executions": 0, "findings": []})
        total = [a + b for a, b in zip(total, (row["seconds"], row["executions"], len(row["findings"])))]
        print(f"{name:32}{row['seconds']:9}{row['executions']:12}{len(row['findings']):10}{'   skipped' if row.get('skipped') else ''}")
        for finding in row["findings"]:
            print(f"    {finding}")
    print(f"{'all':32}{total[0]:9}{total[1]:12}{total[2]:10}", flush=True)
    return total[2]


def build(names, jobs):
    """Whether everything that the subjects run is there."""
    if any(not name.startswith("fuzz-") for name in names):
        folder = ROOT / "build" / "release"
        if not (folder / "build.ninja").exists():
            subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        if subprocess.run(["cmake", "--build", str(folder), f"-j{jobs}", "--target", "tenon", "script_of_module"], cwd=ROOT).returncode != 0:
            return False
    targets = [name for name in fuzz.targets() if any(one == f"fuzz-{name}" or one.startswith(f"fuzz-{name}-") for one in names)]
    return not targets or fuzz.prepare(targets, jobs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="of all slices together, the build not counted")
    parser.add_argument("--slice", type=int, default=60, help="seconds of one subject at a time")
    parser.add_argument("-j", dest="jobs", type=int, default=2, help="of the build")
    parser.add_argument("--status", action="store_true", help="print the ledger and run nothing")
    parser.add_argument("names", nargs="*", metavar="SUBJECT")
    options = parser.parse_args()
    known = subjects()
    names = options.names or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no subject `{unknown[0]}`; there are {', '.join(known)}")
    ledger = Ledger("soak")
    if options.status:
        return 1 if table(ledger, names) else 0
    if not build(names, options.jobs):
        return 1
    (ROOT / FINDINGS).mkdir(parents=True, exist_ok=True)
    end = time.time() + options.seconds
    skipped = set()
    while (left := end - time.time()) >= 1 and (able := [name for name in names if name not in skipped]):
        name = min(able, key=lambda one: ledger.rows.get(one, {"seconds": 0})["seconds"])
        begin = time.time()
        result = known[name](int(min(left, options.slice)))
        row = dict(ledger.rows.get(name, {"seconds": 0, "executions": 0, "findings": []}))
        row["skipped"] = result is None
        if result is None:
            skipped.add(name)
        else:
            row["seconds"] += round(time.time() - begin)
            row["executions"] += result[0]
            row["findings"] = sorted({*row["findings"], *result[1]})
            print(f"{name}: {result[0]} executions, {len(result[1])} findings", flush=True)
        ledger.put(name, row)
    return 1 if table(ledger, names) else 0


if __name__ == "__main__":
    sys.exit(main())
