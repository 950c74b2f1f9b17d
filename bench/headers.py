#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a public header costs a compiler, beside the standard headers that it needs.

usage: headers.py [HEADER…] [--compiler g++] [--rounds 7] [--most 2.0]

Each header is read in turn with a file that has nothing but the `#include <…>` lines of all of tenon's headers behind
it; the medians of the user times count. A header that takes more than --most times as long makes the exit status 1.
"""
import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def closure(header):
    """Tenon's headers behind one."""
    found, queue = {}, [header]
    while queue:
        name = queue.pop()
        if name in found or not (ROOT / name).is_file():
            continue
        found[name] = (ROOT / name).read_text(encoding="utf-8")
        queue += re.findall(r'^\s*#\s*include\s+"(tenon/[^"]+)"', found[name], re.M)
    return found


def user_time(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("headers", nargs="*", default=["tenon/embed.h"])
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--most", type=float, default=2.0)
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for header in options.headers:
            ours, theirs = (os.path.join(folder, name) for name in ("ours.cpp", "standard.cpp"))
            standard = {name for text in closure(header).values() for name in re.findall(r"^\s*#\s*include\s+<([^>]+)>", text, re.M)}
            pathlib.Path(ours).write_text(f'#include "{header}"\n')
            pathlib.Path(theirs).write_text("".join(f"#include <{name}>\n" for name in sorted(standard)))
            command = [options.compiler, "-std=c++23", "-O0", "-fsyntax-only", f"-I{ROOT}"]
            times = [(user_time([*command, ours]), user_time([*command, theirs])) for _ in range(options.rounds)]
            mine, std = (statistics.median(side) for side in zip(*times))
            missed += mine > options.most * std
            print(f"{header} {mine:.2f} s, standard headers {std:.2f} s, ratio {mine / std:.2f}")
    return 1 if missed else 0


sys.exit(main())
