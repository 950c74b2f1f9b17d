#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs each script of the proposal `threads` many times; every run must end without a failed command.

With `--race` the threads of a script have no head start. Then LB.wast and SB.wast would fail where a later thread
ran wholly before an earlier one, so that L_0 is 1 and L_1 is 0. Their comment allows that, and so does every memory
model; the line below it compares L_0 where the comment names L_1. So `--race` runs them, and MP.wast, which has the
same slip, with a check that does what the comment says.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

SLIP = re.compile(r"(\(i32\.or \(i32\.eq \(local\.get 1\) \(i32\.const \d+\)\) \(i32\.eq \(local\.get )0(\) \(i32\.const 0\)\)\))")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--race", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    scripts = sorted(options.folder.glob("*.wast"))
    if not scripts:
        print(f"skipped: no scripts in {options.folder}")
        return 77
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts:
            text = script.read_text()
            if options.race:
                text = SLIP.sub(r"\g<1>1\g<2>", text)
            copy = pathlib.Path(folder) / script.name
            copy.write_text(text)
            command = [options.tenon, "wast", str(copy), *(["--head-start", "0"] if options.race else [])]
            passed = 0
            for _ in range(options.times):
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode == 0 and ", 0 failed, 0 skipped" in done.stdout:
                    passed += 1
                else:
                    print(done.stdout, done.stderr, sep="", flush=True)
            print(f"{script.name}: {options.times} runs, {options.times - passed} failed", flush=True)
            bad += options.times - passed
    print(f"{bad} failed")
    return 1 if bad else 0


sys.exit(main())
