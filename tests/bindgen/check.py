#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles generated bindings of the corpus:
`check.py --corpus chosen|all --generator BINDGEN_GENERATE DIR [--only cpp,c,rust…] [-j N] [NAME…]`.

DIR gets the corpus, what bindgen_generate makes of it, and the objects. Each world is compiled by each generator's compiler; a missing compiler is
reported once and its part skipped. Exits 1 when anything failed.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys

import corpus

GUEST = ["--target=wasm32-wasi", "-Wno-deprecated", "-fno-exceptions", "-Wall", "-Wextra", "-Werror", "-O0", "-c"]


def find(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    return None


def wasm_rustc():
    for rustc in ["/usr/bin/rustc", shutil.which("rustc")]:
        if not rustc or not os.path.exists(rustc):
            continue
        for target in ["wasm32-unknown-unknown"]:
            libdir = subprocess.run([rustc, "--print", "target-libdir", "--target", target], capture_output=True, text=True)
            if libdir.returncode == 0 and os.path.isdir(libdir.stdout.strip()):
                return rustc
    return None


def new_rustc():
    rustc = shutil.which("rustc", path=os.path.expanduser("~/.cargo/bin") + ":" + os.environ.get("PATH", ""))
    if not rustc:
        return None
    version = subprocess.run([rustc, "--version"], capture_output=True, text=True).stdout.split()
    return rustc if len(version) > 1 and tuple(map(int, version[1].split(".")[:2])) >= (1, 85) else None


class Tools:
    def __init__(self, every_compiler):
        self.every_compiler = every_compiler
        self.clang = find("clang-22", "clang")
        self.clangxx = find("clang++-22", "clang++")
        self.gxx = find("g++-12", "g++")
        self.rustc = wasm_rustc()
        self.new_rustc = new_rustc()
        self.ccache = [find("ccache")] if find("ccache") else []
        self.root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    def commands(self, folder, kind, out):
        """Command lines that must succeed, or None when the compiler is missing."""
        here = lambda ending: sorted(f for f in os.listdir(folder) if f.endswith(ending))
        if kind.startswith("cpp-host"):
            header = here("_host.h")[0]
            source = os.path.join(out, "host.cpp")
            with open(source, "w", encoding="utf-8") as f:
                f.write(f'#include "{header}"\n')
            host = ["-std=c++23", "-Wall", "-Wextra", "-fsyntax-only", f"-I{folder}", "-isystem", self.root, source]
            return [[c] + host for c in ((self.clangxx, self.gxx) if self.every_compiler else (self.clangxx,)) if c]
        if kind.startswith("cpp"):
            if not self.clangxx:
                return None
            return [self.ccache + [self.clangxx, "-std=c++23", *GUEST, f"{folder}/{f}", "-o", f"{out}/{f}.o"] for f in here(".cpp")]
        if kind == "c":
            if not self.clang:
                return None
            c = [[self.clang, "-std=c11", *GUEST, f"{folder}/{f}", "-o", f"{out}/{f}.o"] for f in here(".c") if f != "tenon_guest_rt.c"]
            source = os.path.join(out, "header.cpp")
            with open(source, "w", encoding="utf-8") as f:
                f.write("".join(f'#include "{h}"\n' for h in here(".h")))
            return c + [[self.clangxx, "-std=c++23", *GUEST, f"-I{folder}", source, "-o", f"{out}/header.o"]]
        if kind in ("rust", "rust-borrowing"):
            if not self.rustc:
                return None
            return [[self.rustc, "--edition", "2021", "--crate-type", "rlib", "--crate-name", "bindings", "-D", "warnings",
                     "--target", "wasm32-unknown-unknown", f"{folder}/src/lib.rs", "--out-dir", out]]
        if kind == "rust-2024":
            if not self.new_rustc:
                return None
            return [[self.new_rustc, "--edition", "2024", "--crate-type", "rlib", "--crate-name", "bindings", "-D", "warnings",
                     "--emit", "metadata", f"{folder}/src/lib.rs", "--out-dir", out]]
        return []


def check(tools, generated, work, job):
    folder = os.path.join(generated, *job)
    out = os.path.join(work, *job)
    os.makedirs(out, exist_ok=True)
    commands = tools.commands(folder, job[2], out)
    if commands is None:
        return job, "skipped", ""
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 or done.stderr.strip():
            return job, "failed", " ".join(command) + "\n" + done.stdout + done.stderr
    return job, "passed", ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--corpus", choices=["chosen", "all"], default="all")
    parser.add_argument("--generator", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--lines", type=int, default=20)
    args = parser.parse_args()
    worlds = corpus.worlds()
    names = args.names or (corpus.CHOSEN if args.corpus == "chosen" else sorted(worlds))
    args.generated, args.work = os.path.join(args.dir, "made"), os.path.join(args.dir, "objects")
    wits = os.path.join(args.dir, "wit")
    for folder in (args.generated, args.work, wits):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    for name in names:
        with open(os.path.join(wits, name + ".wit"), "w", encoding="utf-8") as f:
            f.write(worlds[name])
    made = subprocess.run([args.generator, args.generated] + [os.path.join(wits, name + ".wit") for name in names])
    if made.returncode != 0:
        return 1
    only = set(filter(None, args.only.split(",")))
    jobs = []
    for name in sorted(os.listdir(args.generated)):
        for world in sorted(os.listdir(os.path.join(args.generated, name))):
            for kind in sorted(os.listdir(os.path.join(args.generated, name, world))):
                if not only or kind in only:
                    jobs.append((name, world, kind))
    tools = Tools(args.corpus == "all")
    counts = {}
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for job, verdict, text in pool.map(lambda j: check(tools, args.generated, args.work, j), jobs):
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict == "failed":
                print("FAILED", "/".join(job))
                print("\n".join(text.splitlines()[: args.lines]))
                sys.stdout.flush()
    print(", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())))
    return 1 if counts.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
