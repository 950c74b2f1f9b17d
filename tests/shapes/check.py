#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the verbs of tenon over large and odd shapes (shapes.py), each in a child of bounded memory.

    check.py --tenon build/release/tenon labels types     these shapes
    check.py --tenon build/release/tenon --all            every shape
    check.py --tenon build/release/tenon --measure labels what each verb takes

What is looked at: the exit code; the result of a call; that printing and parsing give the same bytes;
memory, at most a multiple of the input (RLIMIT_AS; for `run`, which reserves addresses, RLIMIT_DATA and
the peak of resident memory); instructions that the interpreter's translation makes, at most a multiple of
the operators. The only clock is RLIMIT_CPU, ten times and more what was seen.
"""
import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from shapes import SHAPES

MIB = 1 << 20
# Memory of a verb: MIB of its own, and so many bytes for each byte of its input (text or binary).
BASE = 160
FACTOR = {"parse": 30, "validate": 40, "print": 60, "inspect": 100, "strip": 30, "dump": 60, "run": 60, "wit": 60, "bindgen": 100,
          "component": 60}
RESERVED = 1 << 30
# Seconds of the processor for a verb, and for each MiB of its input.
SECONDS, SECONDS_A_MIB = 20, 10
INSTRUCTIONS_AN_OPERATOR = 4
TRAPPED = 134


class Failure(Exception):
    pass


class Check:
    def __init__(self, tenon, folder, measure):
        self.tenon, self.folder, self.measure = tenon, pathlib.Path(folder), measure

    def verb(self, *words, size, wanted=(0,), output=None):
        """What the verb wrote; a Failure when it ends otherwise than `wanted` or takes too much."""
        words = [str(word) for word in words]
        most = BASE * MIB + FACTOR[words[0]] * size
        seconds = SECONDS + SECONDS_A_MIB * size // MIB

        def limit():
            if words[0] == "run":
                resource.setrlimit(resource.RLIMIT_DATA, (most + RESERVED, most + RESERVED))
            else:
                resource.setrlimit(resource.RLIMIT_AS, (most, most))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        out = self.folder / (output or "out")
        if out.is_dir():
            out = self.folder / "said"
        begin = time.time()
        with out.open("wb") as file, (self.folder / "errors").open("wb") as errors:
            child = subprocess.Popen([self.tenon, *words], stdout=file, stderr=errors, preexec_fn=limit)
            _, status, used = os.wait4(child.pid, 0)
        child.returncode = code = os.waitstatus_to_exitcode(status)
        peak = used.ru_maxrss * 1024
        line = " ".join(words)
        if self.measure:
            print(f"  {code:4} {used.ru_utime + used.ru_stime:6.2f} s {peak / MIB:7.1f} MiB {max(0, peak - 30 * MIB) / max(size, 1):7.1f} "
                  f"a byte of {size:9}  {line[:100]}  ({time.time() - begin:.1f})", flush=True)
        if code not in wanted:
            said = (self.folder / "errors").read_bytes()[-400:].decode(errors="replace")
            raise Failure(f"{line}: ended with {code}, not {' or '.join(map(str, wanted))}: {said}")
        if peak > most:
            raise Failure(f"{line}: {peak / MIB:.0f} MiB for {size} bytes")
        return out

    def same(self, one, other):
        if one.read_bytes() != other.read_bytes():
            raise Failure(f"{one.name} and {other.name} differ")

    def binary(self, text, kind):
        """The verbs that read a binary; its file."""
        size = text.stat().st_size
        binary, again = self.folder / "shape.wasm", self.folder / "again.wasm"
        self.verb("parse", text, "-o", binary, size=size)
        self.verb("validate", binary, size=size)
        printed = self.verb("print", binary, size=size, output="printed.wat")
        self.verb("parse", printed, "-o", again, size=printed.stat().st_size)
        self.same(binary, again)
        self.verb("print", "--skeleton", binary, size=size)
        self.verb("inspect", binary, size=size)
        self.verb("inspect", "--format", "json", binary, size=size)
        self.verb("strip", binary, "-o", again, size=size)
        self.verb("validate", again, size=size)
        self.verb("dump", "--stage=sections", binary, size=size)
        if kind == "core":
            self.verb("print", "--fold", binary, size=size)
            code = self.verb("dump", "--stage=code", binary, size=size)
            self.verb("dump", "--stage=tokens", text, size=size)
            return binary, code
        return binary, None

    def call(self, shape, binary, size):
        wanted = (0,) if shape.wanted is not None else (0, TRAPPED)
        said = self.verb("run", "--invoke", shape.invoke, binary, size=size, wanted=wanted).read_bytes()
        if shape.wanted is not None and said.decode().strip() != shape.wanted:
            raise Failure(f"{shape.invoke} gives {said[:100]!r}, not {shape.wanted}")

    def bindings(self, path, size, world):
        for language in ("cpp-host", "cpp", "c", "rust", "markdown"):
            self.verb("bindgen", language, path, *world, "--out-dir", self.folder / language, size=size)

    def wit(self, shape, source, text, size):
        binary = self.folder / "package.wasm"
        self.verb("wit", "check", text, size=size)
        self.verb("wit", "print", text, size=size)
        self.verb("wit", "print", text, "--wasm", "-o", binary, size=size)
        # The binary names each interface that a world stands on, so its text is the fixed point.
        printed = self.verb("wit", "print", binary, size=size, output="printed.wit")
        self.verb("wit", "print", printed, "--wasm", "-o", self.folder / "again.wasm", size=printed.stat().st_size)
        self.same(printed, self.verb("wit", "print", self.folder / "again.wasm", size=printed.stat().st_size, output="again.wit"))
        self.verb("wit", "print", "--json", text, size=size)
        self.verb("wit", "fmt", text, "-o", self.folder / "laid.wit", size=size)
        self.verb("wit", "lint", text, size=size, wanted=(0, 1))
        self.verb("wit", "doc", text, size=size)
        self.verb("wit", "doc", "--html", text, size=size)
        self.verb("wit", "diff", text, text, size=size)
        self.verb("validate", "--all-features", binary, size=size)
        embedded, made = self.folder / "embedded.wasm", self.folder / "component.wasm"
        if "world w " in source:
            self.verb("component", "embed", text, "--dummy", "-w", "w", "-o", embedded, size=size)
            read = size + embedded.stat().st_size
            self.verb("component", "new", embedded, "-o", made, size=read)
            read += made.stat().st_size
            self.verb("component", "targets", text, made, "-w", "w", size=read)
            self.verb("component", "unbundle", made, "--module-dir", self.folder, "--force", size=read, output="rest.wasm")
        if not shape.bindgen:
            return
        self.bindings(text, size, ())
        empty = self.folder / "empty.wasm"
        empty.write_bytes(b"\0asm\1\0\0\0")
        self.verb("component", "embed", text, empty, "-o", embedded, size=size)
        if "export i" not in shape.make(1):
            self.verb("component", "new", embedded, "-o", made, size=size)
            self.verb("component", "targets", made, "--wit", text, size=size, wanted=(0, 1, 2))

    def shape(self, shape, count):
        source = shape.make(count)
        text = self.folder / ("shape.wit" if shape.kind == "wit" else "shape.wat")
        text.write_text(source)
        size = text.stat().st_size
        if shape.kind == "wit":
            self.wit(shape, source, text, size)
            return
        binary, code = self.binary(text, shape.kind)
        if code is not None:
            lines = sum(1 for _ in code.open("rb"))
            words = source.count("\n") + source.count(" ")
            if lines > INSTRUCTIONS_AN_OPERATOR * words + 100_000:
                raise Failure(f"dump --stage=code: {lines} lines for {words} words of text")
        if shape.invoke:
            self.call(shape, binary, size)
        if shape.kind == "component":
            self.verb("wit", "print", binary, size=size, wanted=(0, 1))

    def beyond(self, shape):
        """One more than the limit allows is refused, by the parser or by validation."""
        text = self.folder / ("shape.wit" if shape.kind == "wit" else "shape.wat")
        text.write_text(shape.make(shape.most + 1))
        size = text.stat().st_size
        self.verb(*(("wit", "check") if shape.kind == "wit" else ("validate",)), text, size=size, wanted=(1,))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenon")
    parser.add_argument("--list", action="store_true", help="print the names of the shapes, `long` behind those that take long")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("names", nargs="*", metavar="SHAPE")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{shape.name}{' long' if shape.long else ''}" for shape in SHAPES.values()))
        return 0
    failed = 0
    for name in SHAPES if options.all else options.names:
        shape = SHAPES[name]
        if options.measure:
            print(name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            check = Check(options.tenon, folder, options.measure)
            try:
                check.shape(shape, options.count or shape.count)
                if shape.most is not None:
                    check.beyond(shape)
            except Failure as why:
                print(f"{name}: {why}", flush=True)
                failed += 1
    if failed:
        print(f"{failed} shapes failed")
    return 1 if failed else 0


sys.exit(main())
