#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py TENON FOLDER: published modules (packages.tsv, fetched by `make peers-modules`) are validated, printed, parsed back to the
same bytes, and inspected. What needs a feature that is off by default is refused without it; legacy exceptions are translated as well.

Bytes may differ by padding alone: integers that their producer wrote longer than need be. Then the text of what came back is the same,
and from there on the bytes stay.
"""

import pathlib
import subprocess
import sys
import tempfile

import fetch

MOST = 3  # of one package
LARGEST = 40 << 20


def modules(folder):
    files = [file for file in folder.glob("*.wasm") if 8 < file.stat().st_size <= LARGEST]
    return sorted(files, key=lambda file: (file.stat().st_size, file.name))[-MOST:]


def check(tenon, file, gate, scratch):
    """Nothing, or what went wrong."""
    def run(*words):
        done = subprocess.run([tenon, *map(str, words)], capture_output=True, text=True, timeout=600)
        return done.returncode, done.stderr.strip()

    text, back, again = (scratch / name for name in ("text.wat", "back.wasm", "again.wat"))
    steps = [("validate", *(["--features", gate] if gate else []), file), ("print", file, "-o", text), ("parse", text, "-o", back),
             ("inspect", "--format", "json", file)]
    if gate:
        code, said = run("validate", file)
        if code != 1 or "error[core-feature-off]" not in said or f"`{gate}`" not in said:
            return f"validate without {gate}: {code}: {said[:300]}"
    if gate == "legacy-exceptions":
        today = scratch / "today.wasm"
        steps += [("parse", "--to-exnref", file, "-o", today), ("validate", today)]
    for step in steps:
        code, said = run(*step)
        if code != 0:
            return f"{step[0]}: {said[:300]}"
    if back.read_bytes() == file.read_bytes():
        return None
    code, said = run("print", back, "-o", again)
    if code != 0 or again.read_bytes() != text.read_bytes():
        return f"print → parse → print is another text {said[:300]}"
    if back.stat().st_size > file.stat().st_size:
        return f"{back.stat().st_size} bytes came back, longer than {file.stat().st_size}"
    return None


def main():
    tenon, root = sys.argv[1], pathlib.Path(sys.argv[2])
    if not root.is_dir():
        print(f"skipped: there is no {root}: `make peers-modules` fetches it")
        return 77
    passed, failed, producers = 0, 0, set()
    for _, name, version, producer, needed in fetch.rows():
        found = modules(fetch.folder_of(root, name))
        if not found:
            print(f"none: {name} {version} ({producer})")
        for file in found:
            with tempfile.TemporaryDirectory() as scratch:
                gate, _, part = needed.partition("@")
                wrong = check(tenon, file, gate if part in file.name else "", pathlib.Path(scratch))
            if wrong:
                failed += 1
                print(f"FAILED {name} {version} {file.name}: {wrong}")
            else:
                passed += 1
                producers.add(producer.split(" (")[0].split(",")[0])
            sys.stdout.flush()
    print(f"producers: {', '.join(sorted(producers))}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed < 25 or len(producers) < 8 else 0


sys.exit(main())
