#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Components between tools: components.py TENON SOURCE_ROOT PART. What tenon makes validates under wasm-tools and
runs under wasmtime; what wasm-tools makes of the same module is read, run and written back by tenon. PART is
`golden` (the modules of tests/golden/componentize) or the language of a guest that is compiled here. Ends with 77 when
a tool is missing."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from find_peer import find_peer

TENON = sys.argv[1]
ROOT = pathlib.Path(sys.argv[2])
SKIP = 77


def peer(name):
    found = find_peer(name)
    if found is None:
        print(f"skipped: no {name} in $TENON_PEERS/bin or PATH")
        sys.exit(SKIP)
    return found


def run(*command, may_fail=False):
    done = subprocess.run([str(c) for c in command], capture_output=True, check=False)
    if done.returncode != 0 and not may_fail:
        print("$", *command)
        print(done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace"))
        sys.exit(1)
    return done


def validates(component, tools):
    run(tools, "validate", "--features", "all", component)


def reads(component, folder):
    """tenon validates it, says its WIT, and prints a text that gives the same component."""
    run(TENON, "validate", "--all-features", component)
    run(TENON, "wit", "print", component)
    text = folder / "printed.wat"
    again = folder / "again.wasm"
    run(TENON, "print", component, "-o", text)
    run(TENON, "parse", text, "-o", again)
    # Linkers write numbers longer than need be, so the bytes may differ; the text may not.
    if run(TENON, "print", again).stdout != text.read_bytes():
        print(f"{component.name} prints and parses to something else")
        sys.exit(1)


def golden(folder):
    """The modules that become components in the golden files."""
    tools = peer("wasm-tools")
    made = 0
    for module in sorted((ROOT / "tests/golden/componentize").glob("*.wat")):
        words = module.read_text(encoding="utf-8").split("\n")[0].split()
        if words[:4] != [";;", "RUN:", "component", "embed"] or words[5] != "%":
            continue
        embedded, ours, theirs = folder / "embedded.wasm", folder / "ours.wasm", folder / "theirs.wasm"
        run(TENON, "component", "embed", module.parent / words[4], module, "-o", embedded)
        done = run(TENON, "component", "new", "--stub-wasi", embedded, "-o", ours, may_fail=True)
        if done.returncode != 0:
            continue
        validates(ours, tools)
        reads(ours, folder)
        # wasm-tools may want what tenon does not, such as an adapter.
        if run(tools, "component", "new", embedded, "-o", theirs, may_fail=True).returncode == 0:
            reads(theirs, folder)
            run(TENON, "component", "targets", module.parent / words[4], theirs)
        made += 1
    print(f"{made} components")
    return made > 8


def guest(folder, lang):
    """The calculator, compiled here."""
    tools, engine = peer("wasm-tools"), peer("wasmtime")
    if lang == "rust":
        doctor = run(TENON, "doctor", may_fail=True).stdout.decode().split("\n")
        if not any(line.startswith("ok") and "rustc with a wasm target" in line for line in doctor):
            print("skipped: no rustc with a wasm target")
            sys.exit(SKIP)
    project = folder / "calculator"
    shutil.copytree(ROOT / "examples/calculator", project, ignore=shutil.ignore_patterns("build"))
    run(TENON, "build", project / lang, "--profile", "release")
    # The module that was compiled: the largest of those that tenon takes out of its component.
    built = next((project / lang / "build" / "release").glob("*.wasm"))
    run(TENON, "component", "unbundle", built, "--force", "--module-dir", folder / "cores", "-o", folder / "rest.wasm")
    core = max((folder / "cores").iterdir(), key=lambda file: file.stat().st_size)
    embedded, ours, theirs = folder / "embedded.wasm", folder / "ours.wasm", folder / "theirs.wasm"
    run(TENON, "component", "embed", project / "wit", core, "-o", embedded)
    run(TENON, "component", "new", embedded, "-o", ours)
    run(tools, "component", "new", embedded, "-o", theirs)
    for component in (ours, theirs):
        validates(component, tools)
        reads(component, folder)
        run(TENON, "component", "targets", project / "wit", component)
        for command in ((engine, "run"), (TENON, "run")):
            for call, wanted in (("add(0.25, 0.5)", "0.75"), ("divide(1, 0)", 'err("Division by zero")')):
                out = run(*command, "--invoke", call, component).stdout.decode().strip()
                if out != wanted:
                    print(f"{command[0]} {component.name} {call}: found {out}, wanted {wanted}")
                    return False
    return True


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = golden(folder) if sys.argv[3] == "golden" else guest(folder, sys.argv[3])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
