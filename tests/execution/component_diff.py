#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random components, linked, instantiated and called in tenon and in wasmtime: the results must agree.

Each component holds two: the inner one exports `f`, which takes a value of a random type through memory,
changes some bytes of it or none, and gives it back; the outer one lowers `f`, with string encodings of its
own, and exports it again. So each call lifts and lowers the value at three borders, and bytes that mean
nothing must trap in both engines. Exit code 77: no wasmtime. A difference is kept as `.wat` with its call.
"""
import argparse
import pathlib
import random
import re
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from find_peer import find_peer
from limited import run_limited

SECONDS = 60  # of CPU; what takes longer has hung
PRIMS = ["bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string"]
ENCODINGS = ["utf8", "utf16", "latin1+utf16"]
CHARACTERS = ["a", "Z", "0", " ", "é", "ÿ", "Ā", "€", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "😀", "\U0010ffff"]


# What the peer still says where the specification lets an instance be entered again (component-model#705):
# Task.enter of definitions.py asks only whether another task runs exclusively, so the value is right.
REENTRANCE = "cannot enter component instance"


class Types:
    """Random types, as `(type …)` definitions and exports of one component; a type is a tree of tuples."""

    def __init__(self, chance):
        self.chance = chance

    def make(self, depth):
        chance = self.chance
        if depth == 0 or chance.random() < 0.3:
            return (chance.choice(PRIMS),)
        kind = chance.choice(["record", "variant", "list", "tuple", "flags", "enum", "option", "result"])
        below = lambda: self.make(depth - 1)  # noqa: E731
        if kind in ("record", "tuple"):
            return kind, *(below() for _ in range(chance.randint(1, chance.choice([3, 3, 3, 20]))))
        if kind == "variant":
            many = chance.choice([1, 2, 3, 5, 255, 256, 257]) if chance.random() < 0.1 else chance.randint(1, 4)
            return kind, *(below() if i < 6 and chance.random() < 0.7 else None for i in range(many))
        if kind == "flags":
            return kind, chance.choice([1, 2, 7, 8, 9, 15, 16, 17, 31, 32])
        if kind == "enum":
            return kind, chance.choice([1, 2, 3, 255, 256, 257])
        if kind == "result":
            return kind, *(below() if chance.random() < 0.7 else None for _ in range(2))
        return kind, below()

    def value(self, t):
        """A random value as WAVE."""
        chance, kind = self.chance, t[0]
        if kind == "bool":
            return chance.choice(["true", "false"])
        if kind[0] in "us" and kind[1:].isdigit():
            bits = int(kind[1:])
            low, high = (0, 2**bits - 1) if kind[0] == "u" else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
            return str(chance.choice([low, high, 0, 1, chance.randint(low, high)]))
        if kind in ("f32", "f64"):
            return chance.choice(["0.5", "-0.25", "nan", "inf", "-inf", "1e10", "-1", "3"])
        if kind == "char":
            return "'" + chance.choice(CHARACTERS) + "'"
        if kind == "string":
            return '"' + "".join(chance.choice(CHARACTERS) for _ in range(chance.choice([0, 1, 2, 5, 40]))) + '"'
        if kind == "record":
            return "{" + ", ".join(f"f{i}: {self.value(part)}" for i, part in enumerate(t[1:])) + "}"
        if kind == "tuple":
            return "(" + ", ".join(self.value(part) for part in t[1:]) + ("," if len(t) == 2 else "") + ")"
        if kind == "variant":
            i = chance.randrange(len(t) - 1)
            return f"c{i}" + (f"({self.value(t[i + 1])})" if t[i + 1] else "")
        if kind == "list":
            return "[" + ", ".join(self.value(t[1]) for _ in range(chance.choice([0, 1, 2, 7]))) + "]"
        if kind == "flags":
            return "{" + ", ".join(f"f{i}" for i in range(t[1]) if chance.random() < 0.5) + "}"
        if kind == "enum":
            return f"c{chance.randrange(t[1])}"
        if kind == "option":
            return f"some({self.value(t[1])})" if chance.random() < 0.7 else "none"
        i = chance.randrange(2)
        return ("ok", "err")[i] + (f"({self.value(t[i + 1])})" if t[i + 1] else "")


class Scope:
    """The definitions of one component that a type asks for. Nominal types are exported or imported,
    as components demand."""

    def __init__(self, how):
        self.how, self.lines, self.names, self.number = how, [], {}, 0

    def ref(self, t):
        kind = t[0]
        if kind in PRIMS:
            return kind
        if t in self.names:
            return self.names[t]
        if kind in ("record", "variant"):
            word, prefix = ("field", "f") if kind == "record" else ("case", "c")
            parts = " ".join(f'({word} "{prefix}{i}"{" " + self.ref(part) if part else ""})' for i, part in enumerate(t[1:]))
        elif kind in ("flags", "enum"):
            parts = " ".join(f'"{"f" if kind == "flags" else "c"}{i}"' for i in range(t[1]))
        elif kind == "result":
            ok, err = (self.ref(part) if part else "" for part in t[1:])
            parts = f"{ok} {f'(error {err})' if err else ''}"
        else:
            parts = " ".join(self.ref(part) for part in t[1:])
        self.number += 1
        name = f"$t{self.number}"
        self.lines.append(f"(type {name} ({kind} {parts}))")
        if kind in ("record", "variant", "flags", "enum"):
            self.lines.append(self.how(self.number))
            name = f"$n{self.number}"
        self.names[t] = name
        return name


PADDING = "(param \"p\" (tuple u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64))"
PADDED = "(" + ", ".join(["0"] * 17) + ")"
# Everything is asked for with an alignment; nothing is given back.
REALLOC = """(memory (export "mem") 4) (global $at (mut i32) (i32.const 1024))
  (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $p i32)
    (local.set $p (i32.and (i32.add (global.get $at) (i32.sub (local.get $align) (i32.const 1)))
                           (i32.sub (i32.const 0) (local.get $align))))
    (global.set $at (i32.add (local.get $p) (local.get $new)))
    (memory.copy (local.get $p) (local.get $old) (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))
    (local.get $p))"""


def options(instance, encoding):
    return f'(memory (core memory {instance} "mem")) (realloc (core func {instance} "realloc")) string-encoding={encoding}'


def component(chance, t, family):
    """A value of `t` alone may be flat as a result: it is a tuple of two at least, so always in memory."""
    encodings = [chance.choice(ENCODINGS) for _ in range(2)]
    changes = ""
    if chance.random() < 0.5:
        for _ in range(chance.randint(1, 3)):
            at = f"(i32.add (local.get 0) (i32.const {chance.choice([0, 0, 1, 2, 3, 4, 5, 8, 12, chance.randrange(64)])}))"
            changes += f"(i32.store8 {at} (i32.xor (i32.load8_u {at}) (i32.const {chance.choice([1, 2, 0x80, 0xff, chance.randrange(256)])})))\n"
    exported = lambda n: f'(export $n{n} "t{n}" (type $t{n}))'  # noqa: E731
    inner, given, outer, top = Scope(exported), Scope(lambda n: f'(export "t{n}" (type $n{n} (eq $t{n})))'), Scope(exported), Scope(exported)
    signature = {scope: f'(param "x" {scope.ref(t)}) {PADDING} (result {scope.ref(t)})' for scope in (inner, given, outer, top)}
    types = {scope: "\n  ".join(scope.lines) for scope in signature}
    inside = f"""(component $inner
  (core module $m {REALLOC}
   (func (export "f") (param i32) (result i32) {changes} local.get 0))
  (core instance $i (instantiate $m))
  {types[inner]}
  (func (export "f") {signature[inner]} (canon lift (core func $i "f") {options('$i', encodings[0])})))"""
    around = f"""(core module $libc {REALLOC})
  (core instance $libc (instantiate $libc))
  (core func $lowered (canon lower (func $inner "f") {options('$libc', encodings[1])}))
  (core module $m (import "" "f" (func $f (param i32 i32)))
   (import "" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
   (func (export "f") (param i32) (result i32) (local i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 4096)) local.set 1
    (call $f (local.get 0) (local.get 1)) local.get 1))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered)) (export "realloc" (func $libc "realloc"))))))
  {types[outer]}
  (func (export "f") {signature[outer]} (canon lift (core func $i "f") {options('$libc', encodings[1])}))"""
    if family == "parent":
        return f"(component\n {inside}\n (instance $inner (instantiate $inner))\n {around})\n"
    return f"""(component
 {inside}
 (component $outer
  (import "inner" (instance $inner
  {types[given]}
  (export "f" (func {signature[given]}))))
  {around})
 (instance $i (instantiate $inner))
 (instance $o (instantiate $outer (with "inner" (instance $i))))
  {types[top]}
 (export "f" (func $o "f") (func {signature[top]})))
"""


def run(command):
    done = run_limited(command, SECONDS)
    if done is None:
        return "hung", ""
    out = done.stdout.decode(errors="replace").strip()
    said = done.stderr.decode(errors="replace")
    if done.returncode == 0:
        # Which characters are escaped is a matter of taste.
        return "value", re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code.group(1), 16)), out)
    if done.returncode < 0:
        return "signal", f"{-done.returncode} {said}"
    return "trap" if "trap" in said else "error", said


DECIMAL = re.compile(r"-?\d+\.\d+")


def agree(ours, theirs):
    """The same value, or a trap in both. Of two shortest forms of one f32 either will do."""
    if ours[0] != theirs[0] or ours[0] not in ("value", "trap"):
        return False
    if ours[0] == "trap" or ours[1] == theirs[1]:
        return True
    numbers = zip(DECIMAL.findall(ours[1]), DECIMAL.findall(theirs[1]))
    return DECIMAL.sub("#", ours[1]) == DECIMAL.sub("#", theirs[1]) and all(
        one == other or struct.pack("f", float(one)) == struct.pack("f", float(other)) for one, other in numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long")
    parser.add_argument("--components", type=int, default=0, help="stop after so many")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--family", choices=["siblings", "parent"], default="siblings",
                        help="whether the inner component is the outer one's sibling, or its child")
    parser.add_argument("--keep", default=".", help="folder for what differs")
    options_ = parser.parse_args()
    wasmtime = find_peer("wasmtime")
    if wasmtime is None:
        print("skipped: no wasmtime (TENON_PEERS)")
        return 77
    first = options_.seed if options_.seed is not None else random.randrange(1 << 32)
    end = time.time() + options_.seconds if options_.seconds else None
    done = calls = traps = explained = differences = 0
    with tempfile.TemporaryDirectory() as folder:
        wat = pathlib.Path(folder) / "component.wat"
        while not (options_.components and done >= options_.components or end and time.time() > end):
            seed = first + done
            chance = random.Random(seed)
            types = Types(chance)
            t = ("tuple", types.make(chance.choice([1, 2, 3])), types.make(chance.choice([0, 1, 2])))
            wat.write_text(component(chance, t, options_.family))
            for _ in range(2):
                call = f"f({types.value(t)}, {PADDED})"
                ours = run([options_.tenon, "run", "--invoke", call, wat])
                theirs = run([wasmtime, "run", "-C", "cache=n", "-O", "opt-level=0", "--invoke", call, wat])
                calls += 1
                traps += theirs[0] == "trap"
                if agree(ours, theirs):
                    continue
                if theirs[0] == "trap" and REENTRANCE in theirs[1] and ours[0] == "value":
                    explained += 1
                    continue
                differences += 1
                kept = pathlib.Path(options_.keep) / f"component_diff_{seed}.wat"
                kept.write_text(f";; {call}\n{wat.read_text()}")
                print(f"{kept}: --invoke '{call}'\n  tenon: {ours[0]} {ours[1][:600]}\n  wasmtime: {theirs[0]} {theirs[1][:600]}", flush=True)
            done += 1
    print(f"{done} components, {calls} calls, {traps} traps, {differences} differences, {explained} explained by re-entrance "
          f"(seeds {first} to {first + max(done, 1) - 1})")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
