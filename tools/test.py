#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds tenon and runs every test; the last line counts them.

release: everything; dev (ASan, UBSan): the unit tests of the rooms that read untrusted bytes; g++:
every public header by itself. With --all also the engine's and the runtime's tests and the suites under
TSan, g++ over everything, clang-tidy over the whole tree and the fuzz targets.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
THREADED = ["engine_test", "runtime_test", "spec_wast_test"]
SANITIZED = ["base", "core", "component", "text", "wit", "abi", "engine", "runtime"]


class Count:
    passed = failed = skipped = 0
    names = []


def say(text):
    print(f"== {text} ({time.strftime('%H:%M:%S')})", flush=True)


def step(name, command):
    """A step that counts as one test; exit code 77: skipped."""
    say(name)
    code = subprocess.run(command, cwd=ROOT).returncode
    good = code == 0
    if good:
        Count.passed += 1
    elif code == 77:
        Count.skipped += 1
    else:
        Count.failed += 1
        Count.names.append(name)
    return good


def configure(preset):
    folder = ROOT / "build" / preset
    if not (folder / "build.ninja").exists():
        say(f"configure {preset}")
        subprocess.run(["cmake", "--preset", preset], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


def build(preset, jobs, targets=()):
    folder = configure(preset)
    say(f"build {preset} {' '.join(targets)}")
    command = ["cmake", "--build", str(folder), f"-j{jobs}"]
    if targets:
        command += ["--target", *targets]
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        Count.failed += 1
        Count.names.append(f"build {preset}")
        return None
    return folder


def ctest(folder, jobs, extra=(), partial=False):
    report = folder / "ctest.xml"
    report.unlink(missing_ok=True)
    say(f"test {folder.name}")
    subprocess.run(["ctest", "--output-on-failure", "--progress", f"-j{jobs}", "--timeout", "900",
                    "--output-junit", str(report), *extra],
                   cwd=folder, stdout=sys.stdout)
    if not report.exists():
        Count.failed += 1
        Count.names.append(f"ctest {folder.name}")
        return
    for case in xml.parse(report).getroot().iter("testcase"):
        status = case.get("status")
        if status == "run":
            Count.passed += 1
        elif status in ("notrun", "disabled", "skipped"):
            reason = " ".join(part.get("message", "") for part in case.iter("skipped"))
            if "executable" not in reason:
                Count.skipped += 1
            elif not partial:  # a test without its program is no skipped test
                Count.failed += 1
                Count.names.append(f"{folder.name}: {case.get('name')}: not built")
        else:
            Count.failed += 1
            Count.names.append(f"{folder.name}: {case.get('name')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", dest="jobs", default="2")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--fuzz-seconds", default="300")
    options = parser.parse_args()
    begin = time.time()

    if options.all:
        os.environ["TENON_ORACLE_CASES"] = "10000"
    if release := build("release", options.jobs):
        ctest(release, options.jobs)
    known = [room for room in SANITIZED if (ROOT / "tenon" / room / "CMakeLists.txt").exists()]
    if dev := build("dev", options.jobs, [f"{room}_test" for room in known]):
        ctest(dev, options.jobs, ["-R", f"^({'|'.join(known)})\\."], partial=True)
    step("g++ reads every public header", ["tools/check_headers.sh"])
    if options.all:
        if tsan := build("tsan", options.jobs, THREADED):
            # The first report ends a test.
            os.environ["TSAN_OPTIONS"] = "halt_on_error=1:second_deadlock_stack=1"
            ctest(tsan, options.jobs, ["-R", r"^(engine|runtime|spec)\."], partial=True)
        step("g++ reads every header", ["tools/check_headers.sh", "--all"])
        if gcc := build("gcc", options.jobs):
            ctest(gcc, options.jobs)
        step("bindings of every world of the corpus",
             ["tests/bindgen/check.py", "--corpus", "all", "--generator", "build/release/bin/bindgen_generate",
              "build/release/corpus"])
        step("generated modules, judged by other engines",
             ["tests/execution/second_opinion.py", "--script-of-module", "build/release/bin/script_of_module",
              "--seconds", "120", "--keep", "build"])
        step("a component made by componentize-js",
             ["tests/guests/componentize_js.sh", "build/release/tenon", "examples/calculator/wit/calculator.wit",
              "examples/calculator/test_cases.json", "build/release/componentize-js", "npm"])
        step("checks over the whole tree", ["tools/check.sh", "--all"])
        step("fuzz targets", ["tools/fuzz.sh", options.fuzz_seconds])

    for name in Count.names:
        print(f"failed: {name}")
    skipped = f", {Count.skipped} skipped" if Count.skipped else ""
    print(f"{int(time.time() - begin)} s")
    print(f"{Count.passed} passed, {Count.failed} failed{skipped}", flush=True)
    return 1 if Count.failed else 0


sys.exit(main())
