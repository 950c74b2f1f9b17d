#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generated text as people read it: `text.py BINDGEN_GENERATE DIR [--tidy]`.

What is made of tests/bindgen/text/*.wit must be what stands beside it as `*.golden`, and must compile; with
--tidy clang-tidy reads it too. TENON_BLESS=1 writes the golden files: read them before you commit.
"""
import os
import shutil
import subprocess
import sys

import check

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "text")
KINDS = ["c", "cpp", "cpp-host", "rust"]
# The same for every world: guest/ holds it.
SUPPORT = {"tenon_guest.h", "tenon_guest.hpp", "tenon_guest_rt.c"}


def texts_of(folder):
    """Files below a folder, without what guest/ brings."""
    out = {}
    for base, _, files in os.walk(folder):
        for file in sorted(set(files) - SUPPORT):
            path = os.path.join(base, file)
            with open(path, encoding="utf-8") as f:
                text = f.read()
            if file == "lib.rs":
                text = text.split("pub mod _rt {")[0]
            out[os.path.relpath(path, folder)] = text
    return out


def compare(made, golden):
    """The golden files that differ."""
    bless = os.environ.get("TENON_BLESS") == "1"
    wanted = {path.removesuffix(".golden"): text for path, text in texts_of(golden).items()} if os.path.isdir(golden) else {}
    found = texts_of(made)
    if bless:
        shutil.rmtree(golden, ignore_errors=True)
        for path, text in found.items():
            target = os.path.join(golden, path + ".golden")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as f:
                f.write(text)
        return []
    return [os.path.join(golden, path) for path in sorted(wanted.keys() | found.keys()) if wanted.get(path) != found.get(path)]


def tidy(tools, generated, jobs):
    """What clang-tidy says of generated headers of hosts."""
    program = shutil.which("clang-tidy-22")
    if not program:
        print("no clang-tidy-22")
        return False
    failed = False
    for stem, world, kind in jobs:
        if kind != "cpp-host":
            continue
        folder = os.path.join(generated, stem, world, kind)
        header = next(f for f in os.listdir(folder) if f.endswith("_host.h"))
        source = os.path.join(folder, "tidy.cpp")
        with open(source, "w", encoding="utf-8") as f:
            f.write(f'#include "{header}"\n')
        done = subprocess.run([program, "--quiet", "--checks=-*,bugprone-*,clang-analyzer-*,performance-*,-bugprone-easily-swappable-parameters",
                               "--warnings-as-errors=*", f"--header-filter=.*{header}", source, "--", *check.HOST, "-isystem", tools.root],
                              capture_output=True, text=True)
        if done.returncode != 0:
            failed = True
            print(done.stdout)
    return failed


def main():
    generator, work = sys.argv[1], sys.argv[2]
    shutil.rmtree(work, ignore_errors=True)
    generated, objects = os.path.join(work, "made"), os.path.join(work, "objects")
    os.makedirs(generated)
    os.makedirs(objects)
    wits = sorted(f for f in os.listdir(HERE) if f.endswith(".wit"))
    subprocess.run([generator, generated] + [os.path.join(HERE, f) for f in wits], check=True)
    tools = check.Tools(objects)
    jobs = []
    different = []
    for stem in sorted(f.removesuffix(".wit") for f in wits):
        for world in sorted(os.listdir(os.path.join(generated, stem))):
            for kind in KINDS:
                different += compare(os.path.join(generated, stem, world, kind), os.path.join(HERE, stem, kind))
                if tools.missing(kind):
                    print(f"{kind}: {tools.missing(kind)}")
                else:
                    jobs.append((stem, world, kind))
    for path in different:
        print(f"{path}.golden is not what is generated now; TENON_BLESS=1 {' '.join(sys.argv)} writes it")
    tools.prepare({kind for _, _, kind in jobs})
    failed = bool(different)
    for job in jobs:
        _, verdict, text = check.check(tools, generated, objects, job)
        if verdict == "failed":
            failed = True
            print("FAILED", "/".join(job), "\n", "\n".join(text.splitlines()[:20]))
    if "--tidy" in sys.argv:
        failed = tidy(tools, generated, jobs) or failed
    print("failed" if failed else f"{len(jobs)} bindings as they are written down, and compiled")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
