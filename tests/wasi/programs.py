#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program as a component does what its module does: programs.py TENON LANG ENGINE. The module runs under wasmtime, the
component that tenon makes of it under ENGINE (`wasmtime` or `tenon`): the same output, the same exit code. With `module` as ENGINE
tenon runs the module, which does what programs/LANG.expected says. LANG is `go`, `rust` or `cpp`. Ends with 77 when the compiler or
an engine is missing."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
from find_peer import find_peer  # noqa: E402

TENON, LANG, ENGINE = sys.argv[1:4]
HERE = pathlib.Path(__file__).resolve().parent / "programs"
SKIP = 77


def skip(why):
    print("skipped:", why)
    sys.exit(SKIP)


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, check=False, **more)
    if done.returncode != 0:
        print("$", *command)
        print(done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace"))
        sys.exit(1)
    return done


def by_go(folder):
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not pathlib.Path(go).exists():
        skip("no go")
    module = folder / "module.wasm"
    env = dict(os.environ, GOOS="wasip1", GOARCH="wasm")
    run(go, "build", "-o", module, HERE / "main.go", env=env)
    component = folder / "component.wasm"
    run(TENON, "component", "new", module, "-o", component)
    return module, component


def by_tenon(folder):
    """A command of `tenon build`; the module that was compiled is the largest of those in the component."""
    doctor = subprocess.run([TENON, "doctor"], capture_output=True, check=False).stdout.decode()
    wanted = "libc++ for wasm32" if LANG == "cpp" else "wasm32-wasi"
    if not any(line.startswith("ok") and wanted in line for line in doctor.split("\n")):
        skip(f"no {wanted}")
    project = folder / "program"
    (project / "src").mkdir(parents=True)
    ending = {"cpp": "cpp", "rust": "rs"}[LANG]
    shutil.copy(HERE / f"main.{ending}", project / "src")
    (project / "tenon.toml").write_text(f'name = "program"\nlang = "{LANG}"\ncommand = true\n', encoding="utf-8")
    run(TENON, "build", project, "--no-cache")
    component = project / "build/debug/program.wasm"
    run(TENON, "component", "unbundle", component, "--module-dir", folder / "cores", "-o", folder / "rest.wasm")
    module = max((folder / "cores").iterdir(), key=lambda file: file.stat().st_size)
    return module, component


def outcome(engine, program, folder):
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    done = subprocess.run([engine, "run", "--env", "KEY=value", "--dir", f"{work}::/work", program],
                          input=b"some words\nhere", capture_output=True, timeout=300, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def as_expected(found):
    """Whether the module did what is written: its exit code, then what it said."""
    said = f"exit code {found[0]}\n{found[1]}--- stderr\n{found[2]}"
    expected = HERE / f"{LANG}.expected"
    if os.environ.get("TENON_BLESS"):
        expected.write_text(said, encoding="utf-8")
    if said == expected.read_text(encoding="utf-8"):
        return 0
    print("found:", said, sep="\n")
    return 1


def main():
    wasmtime = find_peer("wasmtime")
    if ENGINE == "module":
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            module, _ = by_go(folder) if LANG == "go" else by_tenon(folder)
            return as_expected(outcome(TENON, module, folder))
    if wasmtime is None:
        skip("no wasmtime in $TENON_PEERS/bin or PATH")
    if ENGINE == "tenon" and "--dir" not in run(TENON, "run", "--help").stdout.decode():
        skip("tenon run opens no folders")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        module, component = by_go(folder) if LANG == "go" else by_tenon(folder)
        wanted = outcome(wasmtime, module, folder)
        found = outcome(TENON if ENGINE == "tenon" else wasmtime, component, folder)
    if found != wanted:
        print("module:", *wanted, "component:", *found, sep="\n")
        return 1
    print(*found, sep="\n")
    return 0 if len(found[1].splitlines()) > 4 else 1


if __name__ == "__main__":
    sys.exit(main())
