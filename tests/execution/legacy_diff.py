#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random programs with legacy exceptions, run as they are and translated by `parse --to-exnref`: the results must
agree, and agree with Node's engine, which still runs legacy exceptions, where there is one.

Programs nest `try`, `catch`, `catch_all`, `delegate` to every depth and `rethrow` from every clause in blocks, loops,
branches, dead code, calls and tail calls; in every fourth, `try_table` and `throw_ref` stand among them, which Node
refuses. A function runs for a bounded number of rounds. `h` calls `f` with 0 to 9 and mixes what
comes back: values, payloads, which exception. Validity is compared too: bytes of operators and labels are replaced, and
tenon and Node must say the same of the result. A difference is kept as `.wat` or `.wasm`.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

TAGS = [("$a", ["i32"]), ("$b", []), ("$c", ["i32", "i64"]), ("$d", ["f64"])]
FUEL = "30000000"
PAYLOAD = {"i32": "(local.set 1) ", "i32i64": "(drop) (local.set 1) ", "f64": "(drop) ", "": ""}
OPERATORS = [0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0F, 0x18, 0x19, 0x1A, 0x40, 0x7F, 0, 1, 2, 3, 4]


class Program:
    def __init__(self, chance, mixed):
        self.chance = chance
        self.mixed = mixed  # with `try_table`
        self.labels = []  # (what, its result), the innermost last
        self.funcs = 0
        self.new_budget()

    def new_budget(self):
        self.budget = self.chance.choice([20, 60, 150])

    def const(self):
        return f"(i32.const {self.chance.randint(-5, 9)})"

    def condition(self):
        n = self.chance.randint(0, 9)
        return self.chance.choice([f"(i32.eq (local.get 0) (i32.const {n}))", f"(i32.and (local.get 0) (i32.const {1 << n % 3}))",
                                   "(local.get 1)", f"(i32.lt_s (local.get 0) (i32.const {n}))"])

    def throw(self):
        tag, params = self.chance.choice(TAGS)
        values = {"i32": self.small(), "i64": "(i64.const 77)", "f64": "(f64.const 2.5)"}
        return f"(throw {tag} {' '.join(values[p] for p in params)})"

    def mix(self):
        return f"(local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) {self.small()}))"

    @staticmethod
    def round():
        return ("(if (i32.lt_s (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.const 200)) (then) "
                "(else (return (local.get 1))))")

    def small(self):
        self.budget -= 1
        return self.chance.choice([self.const(), "(local.get 0)", "(local.get 1)"])

    def call(self):
        return f"(call $f{self.chance.randrange(self.funcs)} {self.small()})" if self.funcs else self.const()

    def value(self):
        """An i32."""
        k = self.chance.random()
        if self.budget <= 0 or k < 0.3:
            return self.small()
        self.budget -= 1
        if k < 0.4:
            return f"(i32.{self.chance.choice(['add', 'sub', 'xor'])} {self.value()} {self.value()})"
        return self.call() if k < 0.5 else self.block("i32") if k < 0.6 else self.try_("i32")

    def inside(self, what, result, make):
        self.labels.append((what, result))
        out = make()
        self.labels.pop()
        return out

    def body(self, result, most=3):
        out = " ".join(self.statement() for _ in range(self.chance.randint(0, most)))
        if result:
            out += " " + (self.value() if self.chance.random() < 0.985 else "(unreachable)")
        return out

    def block(self, result):
        of = f" (result {result})" if result else ""
        inside = lambda: self.inside("block", result, lambda: self.body(result))  # noqa: E731
        k = self.chance.random()
        if k < 0.6:
            return f"(block{of} {inside()})"
        if k < 0.8:
            return f"(loop{of} {self.round()} {self.inside('loop', None, lambda: self.body(result))})"
        return f"(if{of} {self.condition()} (then {inside()}) (else {inside()}))"

    def try_(self, result):
        takes = self.chance.random() < 0.25
        of = (" (param i32)" if takes else "") + (f" (result {result})" if result else "")
        before = self.small() + " " if takes else ""
        body = self.inside("try", result, lambda: ("(local.set 1) " if takes else "") + self.body(result))
        if self.chance.random() < 0.3:
            return f"{before}(try{of} (do {body}) (delegate {self.chance.randint(0, len(self.labels))}))"
        clauses = []
        for _ in range(self.chance.choice([0, 1, 1, 2, 3, 5])):
            tag, params = self.chance.choice(TAGS)
            clauses.append(f"(catch {tag} {PAYLOAD[''.join(params)]}{self.inside('catch', result, lambda: self.body(result))})")
        if self.chance.random() < 0.4:
            clauses.append(f"(catch_all {self.inside('catch', result, lambda: self.body(result))})")
        return f"{before}(try{of} (do {body}) {' '.join(clauses)})"

    def branch(self):
        depth = self.chance.randint(0, len(self.labels))
        what, result = self.labels[-1 - depth] if depth < len(self.labels) else ("block", "i32")
        value = "" if what == "loop" or not result else self.small() if result == "i32" else "(ref.null exn)"
        k = self.chance.random()
        if k < 0.3:
            return f"(br {depth} {value})"
        if k < 0.6:
            return f"(drop (br_if {depth} {value} {self.condition()}))" if value else f"(br_if {depth} {self.condition()})"
        return f"(if {self.condition()} (then (br {depth + 1} {value})))"

    def rethrow(self):
        depths = [i for i, (what, _) in enumerate(reversed(self.labels)) if what == "catch"]
        if not depths:
            return self.mix()
        depth = self.chance.choice(depths)
        return f"(rethrow {depth})" if self.chance.random() < 0.4 else f"(if {self.condition()} (then (rethrow {depth + 1})))"

    def statement(self):
        self.budget -= 1
        k = self.chance.random()
        if self.budget <= 0 or k < 0.2:
            return self.mix()
        if k < 0.36:
            return f"(if {self.condition()} (then {self.throw()}))" if k < 0.32 else self.throw()
        if k < 0.5:
            return self.rethrow()
        if k < 0.6:
            return self.branch()
        if k < 0.61 and self.funcs:
            return f"(return_{self.call()[1:]}"
        if k < 0.66:
            out = len(self.labels)
            return f"(return {self.small()})" if k < 0.63 else f"(br_table {out} {out} {self.small()} {self.small()})"
        if k < 0.7:
            return f"(local.set 1 {self.call()})"
        if k < 0.74:
            return f"(block {self.inside('block', None, lambda: '(br 0) ' + self.body(None))})"
        if self.mixed and k < 0.84:
            return self.try_table()
        return self.block(None) if k < 0.82 else self.try_(None)

    def try_table(self):
        """Catches everything as a reference, and drops it, throws it again, or keeps what has a payload out."""
        inside = lambda result: self.inside("block", result, lambda: self.inside("try", None, lambda: self.body(None)))  # noqa: E731
        k = self.chance.random()
        if k < 0.4:
            return f"(drop (block (result exnref) (try_table (catch_all_ref 0) {inside('exnref')}) (ref.null exn)))"
        if k < 0.7:
            body = self.inside("block", None, lambda: inside("exnref"))
            return f"(block (block (result exnref) (try_table (catch_all_ref 0) {body}) (br 1)) (throw_ref))"
        return f"(local.set 1 (block (result i32) (try_table (catch $a 0) {inside('i32')}) {self.small()}))"

    def module(self):
        out = ["(module"]
        out += [f"(tag {tag} {'(param ' + ' '.join(params) + ')' if params else ''})" for tag, params in TAGS]
        for _ in range(self.chance.randint(1, 4)):
            body = self.body("i32", 5)
            out.append(f"(func $f{self.funcs} (param i32) (result i32) (local i32 i32) {self.round()} {body})")
            self.funcs += 1
            self.new_budget()
        out.append(f"""(func (export "h") (result i32) (local i32 i32 f64)
  (loop $l
    (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31))
      (try (result i32) (do (call $f{self.funcs - 1} (local.get 0)))
        (catch $a (i32.const 1000) (i32.add)) (catch $b (i32.const 2000))
        (catch $c (drop) (i32.const 3000) (i32.add)) (catch $d (drop) (i32.const 4000)))))
    (br_if $l (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))
  (local.get 1)))
""")
        return "\n".join(out)


NODE = """import fs from 'fs';
console.log(JSON.stringify(process.argv.slice(2).map(f => {
  let i;
  try { i = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(f))); } catch (e) { return 'invalid'; }
  if (!f.endsWith('.run.wasm')) return 'valid';
  try { return String(i.exports.h()); } catch (e) { return 'trap'; }
})));
"""


class Comparison:
    def __init__(self, tenon, folder, keep):
        self.tenon, self.folder, self.keep = tenon, folder, keep
        self.node = shutil.which("node")
        (folder / "node.mjs").write_text(NODE)
        self.programs = self.mutants = self.differences = 0

    def run(self, *words):
        return subprocess.run([self.tenon, *map(str, words)], capture_output=True, text=True, timeout=300)

    def outcome(self, file, *words):
        done = self.run("run", "--invoke", "h()", "--fuel", FUEL, *words, file)
        if done.returncode == 0:
            return done.stdout.strip()
        return "fuel" if "fuel" in done.stderr else "trap" if done.returncode == 134 else done.stderr

    def differ(self, file, *what):
        self.differences += 1
        shutil.copy(file, self.keep)
        print(f"DIFFERENT: {self.keep / file.name}:", *what, flush=True)

    def asked(self, files):
        done = subprocess.run([self.node, self.folder / "node.mjs", *files], capture_output=True, text=True, timeout=600)
        return json.loads(done.stdout)

    def round(self, seed, count):
        """So many programs and their mutants."""
        ran, mutants = [], []
        for number in range(seed, seed + count):
            chance = random.Random(number)
            text, binary, today = (self.folder / f"{number}{end}" for end in (".wat", ".run.wasm", ".today.wasm"))
            mixed = number % 4 == 3
            text.write_text(Program(chance, mixed).module())
            for words in (("parse", text, "-o", binary), ("parse", "--to-exnref", text, "-o", today)):
                if (done := self.run(*words)).returncode != 0:
                    self.differ(text, done.stderr)
            one, other = self.outcome(binary, "--features", "legacy-exceptions"), self.outcome(today)
            if "fuel" not in (one, other):
                self.programs += 1
                if not mixed:
                    ran.append((text, binary, one))
                if one != other:
                    self.differ(text, one, other, "translated")
            code = bytearray(binary.read_bytes())
            places = [i for i in range(60, len(code)) if code[i] in OPERATORS]
            for _ in range(chance.choice([1, 1, 2])):
                code[chance.choice(places)] = chance.choice(OPERATORS)
            if not mixed:
                mutants.append(self.folder / f"{number}.mutant.wasm")
                mutants[-1].write_bytes(code)
        if self.node:
            for (text, _, one), theirs in zip(ran, self.asked([binary for _, binary, _ in ran])):
                if one != theirs:
                    self.differ(text, one, theirs, "in Node")
            for file, theirs in zip(mutants, self.asked(mutants)):
                self.mutants += 1
                ours = "valid" if self.run("validate", "--features", "legacy-exceptions", file).returncode == 0 else "invalid"
                if ours != theirs:
                    self.differ(file, ours, theirs, "in Node")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    end, seed = time.time() + options.seconds, options.seed
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options.tenon, pathlib.Path(folder), options.keep)
        while True:
            comparison.round(seed, 20)
            seed += 20
            if time.time() > end:
                break
            for file in pathlib.Path(folder).glob("*.w*"):
                file.unlink()
    print(f"{comparison.programs} programs, {comparison.mutants} mutants, {comparison.differences} differences, seeds from {options.seed}")
    return 1 if comparison.differences else 0


sys.exit(main())
