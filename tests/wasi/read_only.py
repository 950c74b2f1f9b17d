#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Go program reads from a directory that is granted read-only, and cannot change it: read_only.py TENON. As a module and as the
component that tenon makes of it. Ends with 77 without Go."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TENON = sys.argv[1]
SOURCE = pathlib.Path(__file__).resolve().parent / "programs" / "read_only.go"
WANTED = """read "buy milk\\n" <nil>
entry inner true
entry notes.txt false
list <nil>
read "more" <nil>
write true
create true
mkdir true
truncate true
"""


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True, **more).stdout


def main():
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not pathlib.Path(go).exists():
        print("skipped: no go")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        work = folder / "work"
        (work / "inner").mkdir(parents=True)
        (work / "notes.txt").write_text("buy milk\n", encoding="utf-8")
        (work / "inner" / "more.txt").write_text("more", encoding="utf-8")
        run(go, "build", "-o", folder / "module.wasm", SOURCE, env=dict(os.environ, GOOS="wasip1", GOARCH="wasm"))
        run(TENON, "component", "new", folder / "module.wasm", "-o", folder / "component.wasm")
        for program in ("module.wasm", "component.wasm"):
            found = run(TENON, "run", "--dir", f"{work}::/work:ro", folder / program)
            if found != WANTED or (work / "notes.txt").read_text(encoding="utf-8") != "buy milk\n":
                print(f"{program}:\n{found}")
                return 1
            print(f"{program}: as it should be")
    return 0


sys.exit(main())
