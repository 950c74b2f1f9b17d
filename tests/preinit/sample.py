#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sample.py TENON LANG: a calculator whose initialisation, an export of the core module alone, fills a cache.

`tenon build` with and without `[preinit]`, and `tenon preinit` of the latter; what is there without an initialisation at
run time equals what one at run time gives, in tenon and, where it is found, in wasmtime, whose `wizer` is asked too.
77: a compiler is missing.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
from find_peer import find_peer  # noqa: E402

TENON, LANG = pathlib.Path(sys.argv[1]).absolute(), sys.argv[2]
FOLDER = {"rust-wasi": "rust"}.get(LANG, LANG)
NAMES = ["pi", "e", "nothing"] + (["second"] if LANG == "rust-wasi" else [])


def run(*command, check=True):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, check=False)
    if check and done.returncode != 0:
        print(*command, f"\nexit code {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(1)
    return done


def build(folder, more):
    shutil.copytree(HERE / "sample/wit", folder / "wit")
    shutil.copytree(HERE / "sample" / LANG, folder / "src")
    (folder / "tenon.toml").write_text(f'name = "calculator_component"\nlang = "{FOLDER}"\n{more}')
    done = run(TENON, "build", "--profile", "release", folder, check=False)
    if done.returncode != 0:
        if "no-compiler" in done.stderr:
            print("skipped:", done.stderr)
            sys.exit(77)
        print(done.stdout, done.stderr)
        sys.exit(1)
    return folder / "build/release/calculator_component.wasm"


def results(component, function, engine):
    """The results of a function for every name, in an instance of its own each."""
    out = []
    for name in NAMES:
        if engine == TENON:
            call = f'calculator:cached/cache@1.0.0#{function}("{name}")'
        else:
            call = f'{function}("{name}")'
        out.append(run(engine, "run", "--invoke", call, component).stdout.strip())
    return out


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plain = build(folder / "plain", "")
        done = build(folder / "preinit", '[preinit]\ninit = "initialize_calculator"\n')
        by_hand = folder / "by_hand.wasm"
        report = run(TENON, "preinit", plain, "--init-func", "initialize_calculator", "-o", by_hand, "--report", "-").stdout
        again = folder / "again.wasm"
        run(TENON, "preinit", by_hand, "--init-func", "initialize_calculator", "-o", again)
        checks = {
            "`tenon preinit` makes what `tenon build` makes": by_hand.read_bytes() == done.read_bytes(),
            "a second one changes nothing": by_hand.read_bytes() == again.read_bytes(),
        }
        wanted = results(plain, "initialise-and-lookup", TENON)
        checks["the initialisation at run time fills the cache"] = wanted[:3] == ["some(3.141592653589793)", "some(2.718281828459045)", "none"]
        checks["nothing is there before it"] = set(results(plain, "lookup", TENON)) == {"none"}
        checks["what it left is there at once"] = results(done, "lookup", TENON) == wanted
        checks["it may run once more"] = results(done, "initialise-and-lookup", TENON) == wanted
        if LANG == "rust-wasi":
            checks["the hash table asked for random bytes"] = "get-random-bytes: " in report or "get-random-u64: " in report
        wasmtime = find_peer("wasmtime")
        if wasmtime is None:
            print("no wasmtime in $TENON_PEERS/bin or PATH")
        else:
            checks["wasmtime finds the same"] = results(done, "lookup", wasmtime) == wanted
            wizer = run(wasmtime, "wizer", "--init-func", "initialize_calculator", "-o", folder / "wizer.wasm", plain, check=False)
            print(f"wasmtime wizer ends with {wizer.returncode}: {(wizer.stderr.splitlines() or [''])[0]}")
        print(report, *wanted)
        for what, holds in checks.items():
            print("ok  " if holds else "FAIL", what)
        return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
