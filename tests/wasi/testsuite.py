#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The preview 1 programs of wasi-testsuite, each with its JSON specification, run by `tenon run` over directories of
the host and by `tenon test` over files in memory. A directory that a specification names is copied first: programs write
into it."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def specification(program):
    file = program.with_suffix(".json")
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def command_line(tenon, program, wanted, root):
    words = [tenon, "run"]
    for name, value in wanted.get("env", {}).items():
        words += ["--env", f"{name}={value}"]
    if root:
        words += ["--dir", f"{root}::/"]
    return words + [str(program)] + wanted.get("args", [])


def run(tenon, program):
    """What was wrong; an empty list when the program passes."""
    wanted = specification(program)
    with tempfile.TemporaryDirectory() as folder:
        root = None
        if wanted.get("root"):
            root = pathlib.Path(folder) / "root"
            shutil.copytree(program.parent / wanted["root"], root)
            (root / ".gitkeep").unlink(missing_ok=True)
        done = subprocess.run(command_line(tenon, program, wanted, root), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, check=False)
    faults = []
    if done.returncode != wanted.get("exit_code", 0):
        faults.append(f"exit code {done.returncode}, wanted {wanted.get('exit_code', 0)}")
    for name, found in (("stdout", done.stdout), ("stderr", done.stderr)):
        if name in wanted and found.decode(errors="replace") != wanted[name]:
            faults.append(f"{name} is {found!r}, wanted {wanted[name]!r}")
    if faults:
        faults.append(done.stderr.decode(errors="replace").strip())
    return faults


def run_cases(tenon, program):
    """The same by `tenon test`, which reads the specification itself and keeps files in memory."""
    file = program.with_suffix(".json")
    if not file.exists():
        return []
    done = subprocess.run([tenon, "test", "-q", str(program), str(file)], capture_output=True, timeout=120, check=False)
    return [] if done.returncode == 0 else [f"as a case: {(done.stdout + done.stderr).decode(errors='replace')}"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenon", required=True)
    parser.add_argument("--beside", required=True, type=pathlib.Path, help="where the suites are, unless $TENON_CONFORMANCE tells")
    parser.add_argument("--want", type=int, help="how many programs there must be")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    suite = pathlib.Path(os.environ.get("TENON_CONFORMANCE") or args.beside) / "wasi"
    if not suite.is_dir():
        print(f"skipped: {suite} is not there")
        return 77
    programs = sorted(suite.glob("*/*.wasm"))
    failed = 0
    for program in programs:
        if args.only not in str(program):
            continue
        faults = run(args.tenon, program) + run_cases(args.tenon, program)
        failed += bool(faults)
        for fault in faults:
            print(f"{program.parent.name}/{program.stem}: {fault}")
    print(f"{len(programs) - failed} passed, {failed} failed")
    if args.want is not None and len(programs) != args.want:
        print(f"found {len(programs)} programs, wanted {args.want}")
        return 1
    return 1 if failed else 0


sys.exit(main())
