#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The 72 programs of wasi-testsuite for preview1 as components: preview1.py TENON SUITE ENGINE [ADAPTER]. ENGINE is
`wasmtime` or `tenon`, which runs them; ADAPTER is `ours` (the default), `published` (of `make peers-adapter`) or a file. Ends
with 77 when the suite, the engine or the adapter is missing."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from find_peer import find_peer  # noqa: E402

TENON = sys.argv[1]
SUITE = pathlib.Path(os.environ.get("TENON_CONFORMANCE", sys.argv[2])) / "wasi"
ENGINE = sys.argv[3]
ADAPTER = sys.argv[4] if len(sys.argv) > 4 else "ours"
if ADAPTER == "published":
    ADAPTER = os.path.join(os.environ.get("TENON_PEERS", ""), "share", "wasi_snapshot_preview1.command.wasm")
SKIP = 77

# What fails under wasmtime with the adapter of wasmtime 50.0.1: it tells no exit codes, and AssemblyScript takes the end of
# memory, where that adapter's stack is, for its own heap.
PUBLISHED_CANNOT = ("args_get-multiple-arguments", "environ_get-multiple-variables", "fd_write-to-invalid-fd", "proc_exit-failure")


def specification(program):
    file = program.with_suffix(".json")
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def componentize(program, out):
    adapt = [] if ADAPTER == "ours" else ["--adapt", "wasi_snapshot_preview1=" + ADAPTER]
    done = subprocess.run([TENON, "component", "new", program, *adapt, "-o", out], capture_output=True, check=False)
    return None if done.returncode == 0 else "component new: " + done.stderr.decode(errors="replace")


def run(engine, component, spec, folder):
    """What is wrong, or None."""
    command = [engine, "run"]
    if spec.get("root"):
        root = folder / "root"
        shutil.copytree(component.parent / spec["root"], root, symlinks=True)
        command += ["--dir", f"{root}::/"]
    for name, value in spec.get("env", {}).items():
        command += ["--env", f"{name}={value}"]
    command += [folder / "program.wasm", *spec.get("args", [])]
    try:
        done = subprocess.run([str(c) for c in command], capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              check=False)
    except subprocess.TimeoutExpired:
        return "it does not end"
    said = done.stdout.decode(errors="replace")
    found = (done.returncode, said)
    wanted = (spec.get("exit_code", 0), spec.get("stdout", said))
    if found == wanted:
        return None
    return f"found {found}, wanted {wanted}\n{done.stderr.decode(errors='replace')}"


def main():
    programs = sorted(SUITE.glob("*/*.wasm"))
    engine = TENON if ENGINE == "tenon" else find_peer(ENGINE)
    if not programs or engine is None:
        print(f"skipped: no {'programs in ' + str(SUITE) if not programs else ENGINE + ' in $TENON_PEERS/bin or PATH'}")
        return SKIP
    if ENGINE == "tenon":
        help_text = subprocess.run([TENON, "run", "--help"], capture_output=True, check=False).stdout.decode()
        if "--dir" not in help_text:
            print("skipped: tenon run opens no folders")
            return SKIP
    if ADAPTER != "ours" and not pathlib.Path(ADAPTER).is_file():
        print("skipped: no published adapter in $TENON_PEERS/share (make peers-adapter)")
        return SKIP
    # Of the published adapter's components these four fail under wasmtime; of tenon's own none does.
    cannot = () if ADAPTER == "ours" else PUBLISHED_CANNOT
    failed = {}
    for program in programs:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            wrong = componentize(program, folder / "program.wasm") or run(engine, program, specification(program), folder)
            if wrong:
                failed[program.stem] = wrong
    for name, wrong in failed.items():
        if name not in cannot:
            print(f"{name}: {wrong}")
    new = sorted(set(failed) - set(cannot))
    print(f"{len(programs) - len(failed)} of {len(programs)} pass; not expected to: {', '.join(sorted(cannot)) or 'none'}")
    for name in sorted(set(cannot) - set(failed)):
        print(f"{name} passes: it is no exception any more")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
