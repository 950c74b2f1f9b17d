#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds tenon and runs its tests; the last line counts them.

Without options what `make test` is: the parts release, dev and the public headers. With --all the
parts of the table PARTS that have not passed at this commit; with --part one of them, whether it has
passed or not. `--part status` prints what is known. Results are kept per commit in build/test-all.
Tests whose ctest label ends in `-all` take long: each such label is a part of its own.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

import fuzz
from ledger import Ledger
from tidy import Tidy

ROOT = pathlib.Path(__file__).resolve().parent.parent
THREADED = ["engine_test", "runtime_test", "spec_wast_test", "threads_workers"]
SANITIZED = ["base", "core", "types", "component", "text", "wit", "abi", "engine", "runtime"]
NOT_LONG = ["-LE", "[-]all$"]
TIDY_MINUTES = 55
UNFINISHED = 75  # EX_TEMPFAIL


def say(text):
    print(f"== {text} ({time.strftime('%H:%M:%S')})", flush=True)


class Run:
    """One part's run: what it counts, and how it builds and tests."""

    def __init__(self, options, whole=False):
        self.options = options
        self.jobs = options.jobs
        self.whole = whole  # all of a part that `make test` runs a piece of
        self.passed = self.failed = self.skipped = self.left = 0
        self.names = []

    def count(self, name, good):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.names.append(name)
        return good

    def step(self, name, command):
        """A command that counts as one test; exit code 77: skipped."""
        say(name)
        code = subprocess.run(command, cwd=ROOT).returncode
        if code == 77:
            self.skipped += 1
        else:
            self.count(name, code == 0)

    def configure(self, preset):
        """The build folder, or None when that counts as a failure."""
        folder = ROOT / "build" / preset
        if not (folder / "build.ninja").exists():
            say(f"configure {preset}")
            if subprocess.run(["cmake", "--preset", preset], cwd=ROOT, stdout=subprocess.DEVNULL).returncode != 0:
                self.count(f"configure {preset}", False)
                return None
        return folder

    def build(self, preset, targets=()):
        folder = self.configure(preset)
        if folder is None:
            return None
        say(f"build {preset} {' '.join(targets)}")
        command = ["cmake", "--build", str(folder), f"-j{self.jobs}"]
        if targets:
            command += ["--target", *targets]
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            self.count(f"build {preset}", False)
            return None
        return folder

    def ctest(self, folder, extra=(), partial=False):
        report = folder / "ctest.xml"
        report.unlink(missing_ok=True)
        say(f"test {folder.name}")
        subprocess.run(["ctest", "--output-on-failure", "--progress", f"-j{self.jobs}", "--timeout", "900",
                        "--output-junit", str(report), *extra],
                       cwd=folder, stdout=sys.stdout)
        if not report.exists():
            self.count(f"ctest {folder.name}", False)
            return
        for case in xml.parse(report).getroot().iter("testcase"):
            name, status = f"{folder.name}: {case.get('name')}", case.get("status")
            if status in ("notrun", "disabled", "skipped"):
                reason = " ".join(part.get("message", "") for part in case.iter("skipped"))
                if "executable" not in reason:
                    self.skipped += 1
                elif not partial:  # a test without its program is no skipped test
                    self.count(f"{name}: not built", False)
            else:
                self.count(name, status == "run")


def release(run):
    if folder := run.build("release"):
        run.ctest(folder, NOT_LONG)


def dev(run):
    if folder := run.build("dev", [f"{room}_test" for room in SANITIZED]):
        run.ctest(folder, ["-R", f"^({'|'.join(SANITIZED)})\\.", *NOT_LONG], partial=True)


def headers(run):
    if run.whole:
        if run.build("release", ["tenon_wasi"]) is None:
            return
        run.step("g++ reads every header", ["tools/check_headers.sh", "--all"])
    else:
        run.step("g++ reads every public header", ["tools/check_headers.sh"])


def labelled(label):
    """The tests of `release` that carry a label, and those of `make test` that belong to them."""
    def part(run):
        if folder := run.build("release"):
            run.ctest(folder, ["-L", f"^{label.removesuffix('-all')}(-all)?$"])
            if run.passed + run.failed + run.skipped == 0:
                print(f"skipped: no test has the label `{label}`")
                run.skipped += 1
    return part


def tsan(run):
    if folder := run.build("tsan", THREADED):
        # The first report ends a test.
        os.environ["TSAN_OPTIONS"] = "halt_on_error=1:second_deadlock_stack=1"
        run.ctest(folder, ["-R", r"^(engine|runtime|spec|threads)\.", *NOT_LONG], partial=True)


def threads(run):
    if run.build("release", ["engine_test", "tenon"]):
        # 250 rounds of eight threads in the ordinary run.
        run.step("a million waits and notifies",
                 ["env", "TENON_WAITS=500", "build/release/bin/engine_test",
                  "--gtest_filter=Shared.*:SharedMemory.*:*Litmus*"])
        folder = pathlib.Path(os.environ.get("TENON_CONFORMANCE", ROOT.parent / "shared/conformance"))
        for how in ([], ["--race"]):
            run.step(f"litmus scripts, a thousand times each {' '.join(how)}",
                     ["tests/threads/litmus.py", "--tenon", "build/release/tenon", *how,
                      folder / "proposals/upstream-threads"])


def gcc(run):
    if folder := run.build("gcc"):
        run.ctest(folder, NOT_LONG)


def corpus(run):
    if run.build("release", ["bindgen_generate"]):
        run.step("bindings of every world of the corpus",
                 ["tests/bindgen/check.py", "--corpus", "all", "--generator", "build/release/bin/bindgen_generate",
                  "build/release/corpus"])


def second_opinion(run):
    if run.build("release", ["script_of_module", "tenon"]):
        run.step("generated modules, judged by other engines",
                 ["tests/execution/second_opinion.py", "--script-of-module", "build/release/bin/script_of_module",
                  "--tenon", "build/release/tenon", "--seconds", "120", "--keep", "build"])
        run.step("generated programs with legacy exceptions, translated, and in Node",
                 ["tests/execution/legacy_diff.py", "--tenon", "build/release/tenon", "--seconds", "120", "--keep", "build"])
        run.step("generated components, called here and in wasmtime",
                 ["tests/execution/component_diff.py", "--tenon", "build/release/tenon", "--seconds", "120", "--keep", "build"])


def guests(run):
    if run.build("release", ["tenon"]):
        run.step("a component made by componentize-js",
                 ["tests/guests/componentize_js.sh", "build/release/tenon", "examples/calculator/wit/calculator.wit",
                  "examples/calculator/test_cases.json", "build/release/componentize-js", "npm"])


def modules(run):
    """Published modules: from $TENON_PEERS/modules, or what `make peers-modules` left."""
    if run.build("release", ["tenon"]):
        folder = pathlib.Path(os.environ.get("TENON_PEERS", ROOT / ".cache/peers")) / "modules"
        run.step("published modules", ["tests/modules/check.py", "build/release/tenon", folder])


def checks(run):
    """Format, layers, style; then clang-tidy file by file. Files that were clean are kept (tidy.py), and
    the part ends, unfinished, before its hour is over."""
    if not run.configure("release"):  # where compile_commands.json is
        return
    run.step("format, layers, style", ["tools/check.sh", "--no-tidy"])
    names = subprocess.run(["git", "ls-files", "tenon/*.cpp"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    tidy = Tidy(ROOT / "build" / "release")
    waiting = tidy.waiting(names)
    say(f"clang-tidy: {len(waiting)} of {len(names)} files")
    end = time.time() + 60 * TIDY_MINUTES

    def check(name):
        return name, tidy.run(name) if time.time() < end else None

    with concurrent.futures.ThreadPoolExecutor(int(run.jobs)) as pool:
        for name, clean in pool.map(check, waiting):
            if clean is None:
                run.left += 1
            else:
                run.count(f"clang-tidy {name}", clean)
    run.passed += len(names) - len(waiting)


def fuzzing(run):
    end = time.time() + 60 * run.options.fuzz_minutes
    names = fuzz.targets()
    say("build fuzz")
    if not fuzz.prepare(names, run.jobs):
        run.count("build fuzz", False)
        return
    jobs = int(run.jobs)
    share = max(30, int((end - time.time()) / -(-len(names) // jobs)) - 5)
    say(f"fuzz: {len(names)} targets, {share} s each")

    def done(name, executions, findings):
        fuzz.show(name, executions, findings)
        run.count(f"fuzz {name}: {' '.join(findings)}", not findings)
    fuzz.run_all(names, share, jobs, done)


# Each takes at most 60 minutes on two cores (fuzz 40), from an empty build folder.
PARTS = {
    "release": (release, "every test, built by clang"),
    "dev": (dev, "unit tests of the rooms that read untrusted bytes, under ASan and UBSan"),
    "headers": (headers, "g++ reads every header by itself"),
    "stress": (labelled("stress-all"), "the suites under each stress setting of the engine"),
    "shapes": (labelled("shapes-all"), "large and odd shapes"),
    "tsan": (tsan, "what runs on several threads, under TSan"),
    "threads": (threads, "a million waits and notifies; the litmus scripts a thousand times each"),
    "gcc": (gcc, "every test, built by g++"),
    "corpus": (corpus, "bindings of every world of the corpus"),
    "second-opinion": (second_opinion, "generated modules and components, judged by other engines"),
    "guests": (guests, "a component made by componentize-js"),
    "modules": (modules, "published modules of many producers, read and written"),
    "valgrind": (labelled("valgrind-all"), "the builder under valgrind"),
    "checks": (checks, "format, layers, style, clang-tidy over everything"),
    "fuzz": (fuzzing, "the fuzz targets, each for its share of FUZZ_MINUTES (40)"),
}


def run_part(name, options, ledger):
    say(f"part {name}: {PARTS[name][1]}")
    run = Run(options, whole=True)
    begin = time.time()
    PARTS[name][0](run)
    ledger.put(name, {"passed": run.passed, "failed": run.failed, "skipped": run.skipped, "left": run.left,
                      "names": run.names, "seconds": int(time.time() - begin),
                      "when": time.strftime("%Y-%m-%d %H:%M:%S")})
    return run


def state(row):
    if not row or "passed" not in row:
        return "not run"
    return "failed" if row["failed"] else f"{row['left']} left" if row["left"] else "passed"


def status(ledger):
    """Prints the ledger; the last line counts over all of its parts."""
    print(f"{'part':16}{'state':10}{'passed':>8}{'failed':>8}{'skipped':>8}{'minutes':>9}   {ledger.state}")
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for name, (_, what) in PARTS.items():
        row = ledger.rows.get(name)
        if state(row) == "not run":
            print(f"{name:16}{'not run':10}{'':33}   {what}")
            continue
        print(f"{name:16}{state(row):10}{row['passed']:8}{row['failed']:8}{row['skipped']:8}{row['seconds'] / 60:9.1f}   {what}")
        for key in total:
            total[key] += row[key]
    for name in PARTS:
        for failure in ledger.rows.get(name, {}).get("names", []):
            print(f"failed: {name}: {failure}")
    missing = []
    for name in PARTS:
        left = ledger.rows.get(name, {}).get("left", 0)
        if state(ledger.rows.get(name)) == "not run" or left:
            missing.append(f"{name} ({left} left)" if left else name)
    if missing:
        print(f"not yet run: {', '.join(missing)}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", dest="jobs", default="2")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--part", choices=[*PARTS, "status"])
    parser.add_argument("--fuzz-minutes", type=float, default=40)
    options = parser.parse_args()

    if not options.all and not options.part:
        begin = time.time()
        run = Run(options)
        for part in (release, dev, headers):
            part(run)
        for name in run.names:
            print(f"failed: {name}")
        skipped = f", {run.skipped} skipped" if run.skipped else ""
        print(f"{int(time.time() - begin)} s")
        print(f"{run.passed} passed, {run.failed} failed{skipped}", flush=True)
        return 1 if run.failed else 0

    os.environ["TENON_ORACLE_CASES"] = "10000"
    ledger = Ledger("test-all")
    asked = [options.part] if options.part else [name for name in PARTS if state(ledger.rows.get(name)) != "passed"]
    if options.part == "status":
        asked = []
    for name in asked:
        run = run_part(name, options, ledger)
        while run.left and not options.part:
            run = run_part(name, options, ledger)
    status(ledger)
    states = [state(ledger.rows.get(name)) for name in asked]
    if "failed" in states:
        return 1
    return UNFINISHED if any(one != "passed" for one in states) else 0


sys.exit(main())
