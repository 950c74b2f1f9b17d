#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles generated bindings of the corpus:
`check.py --corpus chosen|all --generator BINDGEN_GENERATE DIR [--only cpp,c,rust…] [-j N] [NAME…]`.

DIR gets the corpus, what bindgen_generate makes of it, and the objects. Each world is compiled by each
generator's compilers: the C++ host by clang++ and g++, guests for wasm32. A missing compiler is named,
with how many worlds it leaves out. Exits 1 when anything failed.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

import corpus

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]
GUEST = ["--target=wasm32-wasi", "-Wno-deprecated", "-fno-exceptions", "-O0"]
HOST = ["-std=c++23"]
# Stubs do nothing with their parameters.
STUB = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"]
STUB_RUST = ["-A", "unused_variables", "-A", "dead_code", "-A", "non_camel_case_types"]
# What generated C++ includes, compiled once for all worlds.
GUEST_HEADERS = ["array", "concepts", "cstddef", "cstdint", "cstdlib", "cstring", "expected", "map", "memory", "new",
                 "optional", "span", "string", "string_view", "tuple", "type_traits", "utility", "variant", "vector"]


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
    def __init__(self, work):
        self.clang = find("clang-22", "clang")
        self.clangxx = find("clang++-22", "clang++")
        self.gxx = find("g++-12", "g++")
        self.rustc = wasm_rustc()
        self.new_rustc = new_rustc()
        self.root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.work = work
        self.made = {}

    def missing(self, kind):
        """Why a kind's files cannot be compiled here, or None."""
        if kind == "markdown":
            return "a page, not a program"
        if kind.startswith("rust"):
            has = self.new_rustc if kind == "rust-2024" else self.rustc
            return None if has else "no rustc for it"
        if kind.startswith("c") and not kind.startswith("cpp"):
            return None if self.clang and self.clangxx else "no clang"
        return None if self.clangxx or (kind == "cpp-host" and self.gxx) else "no clang++"

    def prepare(self, kinds):
        """Compiles the headers that all worlds of a kind share."""
        includes = "".join(f"#include <{h}>\n" for h in GUEST_HEADERS)
        if self.clangxx and kinds & {"cpp", "cpp-borrowing"}:
            self.precompile("guest", includes, [self.clangxx, "-std=c++23", *GUEST], ".pch")
        host = '#include "tenon/runtime/bindings.h"\n'
        if "cpp-host" in kinds:
            for name, compiler, ending in (("clang", self.clangxx, ".pch"), ("gcc", self.gxx, ".gch")):
                if compiler:
                    self.precompile(name, host, [compiler, *HOST, "-isystem", self.root], ending)

    def precompile(self, name, text, command, ending):
        header = os.path.join(self.work, name, "all.h")
        os.makedirs(os.path.dirname(header))
        with open(header, "w", encoding="utf-8") as f:
            f.write(text)
        subprocess.run([*command, "-x", "c++-header", header, "-o", header + ending], check=True)
        self.made[name] = ["-include-pch", header + ending] if ending == ".pch" else ["-include", header]

    def commands(self, folder, kind, out):
        """Command lines that must succeed, silently."""
        here = lambda ending: sorted(f for f in os.listdir(folder) if f.endswith(ending))
        stub = os.path.join(folder, "stub", "src")
        stub = [os.path.join(stub, f) for f in sorted(os.listdir(stub))] if os.path.isdir(stub) else []
        if kind == "cpp-host":
            source = os.path.join(out, "host.cpp")
            with open(source, "w", encoding="utf-8") as f:
                f.write(f'#include "{here("_host.h")[0]}"\n')
            rest = [*HOST, *WARNINGS, "-fsyntax-only", f"-I{folder}", "-isystem", self.root, source]
            return [[c, *self.made[name], *rest] for name, c in (("clang", self.clangxx), ("gcc", self.gxx)) if c]
        if kind.startswith("cpp"):
            return [[self.clangxx, "-std=c++23", *GUEST, *self.made["guest"], *WARNINGS, "-c", f"{folder}/{f}", "-o", f"{out}/{f}.o"]
                    for f in here(".cpp")] + \
                   [[self.clangxx, "-std=c++23", *GUEST, *self.made["guest"], *STUB, "-iquote", folder, "-fsyntax-only", f] for f in stub]
        if kind.startswith("c"):
            c = [[self.clang, "-std=c11", *GUEST, *WARNINGS, "-c", f"{folder}/{f}", "-o", f"{out}/{f}.o"]
                 for f in here(".c") if f != "tenon_guest_rt.c"]
            source = os.path.join(out, "header.cpp")
            with open(source, "w", encoding="utf-8") as f:
                f.write("".join(f'#include "{h}"\n' for h in here(".h")))
            c += [[self.clang, "-std=c11", *GUEST, *STUB, "-iquote", folder, "-fsyntax-only", f] for f in stub]
            return c + [[self.clangxx, "-std=c++23", *GUEST, *WARNINGS, "-fsyntax-only", "-iquote", folder, source]]
        edition, rustc = ("2024", self.new_rustc) if kind == "rust-2024" else ("2021", self.rustc)
        target = ["--emit", "metadata"] if kind == "rust-2024" else ["--target", "wasm32-unknown-unknown"]
        with open(f"{folder}/Cargo.toml", encoding="utf-8") as f:
            crate = re.search('^name = "(.*)"$', f.read(), re.M)[1]
        made = f"{out}/lib{crate}" + (".rmeta" if kind == "rust-2024" else ".rlib")
        wasm = [] if kind == "rust-2024" else ["--target", "wasm32-unknown-unknown"]
        return [[rustc, "--edition", edition, "--crate-type", "rlib", "--crate-name", crate, "-D", "warnings", *target,
                 f"{folder}/src/lib.rs", "--out-dir", out]] + \
               [[rustc, "--edition", edition, "--crate-type", "lib", "--crate-name", "stub", "-D", "warnings", *STUB_RUST, *wasm,
                 "--emit", "metadata", "--extern", f"{crate}={made}", f, "--out-dir", out] for f in stub]


def check(tools, generated, work, job):
    folder = os.path.join(generated, *job)
    out = os.path.join(work, *job)
    os.makedirs(out, exist_ok=True)
    for command in tools.commands(folder, job[2], out):
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
    parser.add_argument("--wit", nargs="+", default=[], help="compile these instead of the corpus")
    parser.add_argument("--lines", type=int, default=20)
    args = parser.parse_args()
    worlds = corpus.worlds()
    names = [] if args.wit else args.names or (corpus.CHOSEN if args.corpus == "chosen" else sorted(worlds))
    args.generated, args.work = os.path.join(args.dir, "made"), os.path.join(args.dir, "objects")
    wits = os.path.join(args.dir, "wit")
    for folder in (args.generated, args.work, wits):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    sources = args.wit + [corpus.write(wits, name, worlds[name]) for name in names]
    if subprocess.run([args.generator, args.generated] + sources).returncode != 0 and not args.wit:
        return 1
    tools = Tools(args.work)
    only = set(filter(None, args.only.split(",")))
    jobs = []
    skipped = {}
    for name in sorted(os.listdir(args.generated)):
        for world in sorted(os.listdir(os.path.join(args.generated, name))):
            for kind in sorted(os.listdir(os.path.join(args.generated, name, world))):
                if only and kind not in only:
                    continue
                if tools.missing(kind):
                    skipped[kind] = skipped.get(kind, 0) + 1
                else:
                    jobs.append((name, world, kind))
    for kind, n in skipped.items():
        print(f"{kind}: {n} not compiled: {tools.missing(kind)}")
    tools.prepare({kind for _, _, kind in jobs})
    passed = {}
    counts = {}
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for job, verdict, text in pool.map(lambda j: check(tools, args.generated, args.work, j), jobs):
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict == "passed":
                passed[job[2]] = passed.get(job[2], 0) + 1
            if verdict == "failed":
                print("FAILED", "/".join(job))
                print("\n".join(text.splitlines()[: args.lines]))
                sys.stdout.flush()
    worlds = len({job[:2] for job in jobs})
    print(f"{worlds} worlds; compiled: " + ", ".join(f"{kind} {n}" for kind, n in sorted(passed.items())))
    print(", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())))
    return 1 if counts.get("failed") else 0


if __name__ == "__main__":
    sys.exit(main())
