#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names.py TENON [LANG]: names of projects that mean something to WIT, to a language or to its library.

Without LANG, what `tenon new` writes for each name and language: the WIT is checked and laid out, the case calls what the
WIT exports, and the source includes, closes with and calls what bindgen generates. With LANG a few are built and tested; 77
without the compiler."""

import os
import re
import subprocess
import sys
import tempfile

WORDS = """
class int new std main tenon linux unix struct default export import world interface package use include record flags
variant enum resource func static async type string list option result tuple bool char u8 s32 f64 own borrow future stream
map self fn core crate test mod impl trait dyn super alloc box move match async-fn guest guest-rt exports imports greeting
greeter bindings component tenon-guest tenon-guest-rt small-malloc stdint stdio stdlib stddef math time
memory limits errno assert signal wchar malloc free printf exit abort read write open index abs log sin y0 time-t size-t
double float void null nullptr true false and or not xor final override co-await char8-t concept requires template
typename namespace operator private public this union unsigned wasm wasm32 a z9 h-t-t-p get-http-2
""".split()

BUILT = {
    "cpp": ["class", "std", "tenon", "linux", "world", "tenon-guest"],
    "c": ["guest", "int", "world", "string", "stdint", "math", "tenon-guest-rt"],
    "rust": ["self", "std", "world", "test"],
}
REFUSED = {"MyPlugin": "my-plugin", "my_plugin": "my-plugin", "9lives": "my-9lives", "a--b": "a-b", "übung": "my-component",
           "HTTP-server": "http-server", "GREETING": "greeting"}


def run(*words, **options):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          **options)


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def check_generated(tenon, folder, name, lang):
    """What the source of a new project names is there in the bindings of its WIT."""
    project = os.path.join(folder, name)
    made = run(tenon, "new", project, "--lang", lang, "-q")
    if made.returncode:
        return f"`tenon new` fails: {made.stdout}"
    for words in (["wit", "check"], ["wit", "fmt", "--check"], ["wit", "lint"]):
        checked = run(tenon, *words, os.path.join(project, "wit"))
        if checked.returncode or "warning" in checked.stdout:
            return f"`tenon {' '.join(words)}`: {checked.stdout}"
    bindings = os.path.join(folder + "-generated", name)
    generated = run(tenon, "bindgen", lang, os.path.join(project, "wit"), "--out-dir", bindings)
    if generated.returncode:
        return f"`tenon bindgen {lang}`: {generated.stdout}"
    (source,) = os.listdir(os.path.join(project, "src"))
    text = read(project, "src", source)
    if lang == "rust":
        path = re.search(r"use (\w+)_bindings((?:::(?:r#)?\w+)+)::Guest;", text)
        crate = read(bindings, "src", "lib.rs")
        lost = [part for part in path.group(2).split("::")[1:] if f"mod {part} " not in crate]
        return f"no module {lost} in the bindings" if lost else None
    header = re.search(r'#include "([^"]+)"', text).group(1)
    if header not in os.listdir(bindings):
        return f"`{header}` is none of {os.listdir(bindings)}"
    declared = read(bindings, header)
    wanted = re.search(r"TENON_EXPORT_\w+|exports_\w+", text).group(0)
    if not re.search(rf"\b{wanted}\b", declared):
        return f"`{wanted}` is not in {header}"
    return None


def check_all(tenon, folder):
    failed = []
    for lang in BUILT:
        for name in WORDS:
            fault = check_generated(tenon, os.path.join(folder, lang), name, lang)
            if fault:
                failed.append(f"{lang} {name}: {fault}")
    for name, mend in REFUSED.items():
        said = run(tenon, "new", os.path.join(folder, name))
        if said.returncode != 2 or f"`{mend}`" not in said.stdout or os.path.exists(os.path.join(folder, name)):
            failed.append(f"{name}: exit {said.returncode}, wanted 2 and `{mend}`\n{said.stdout}")
    return failed, len(WORDS) * len(BUILT) + len(REFUSED)


def build_some(tenon, folder, lang):
    doctor = run(tenon, "doctor").stdout
    if lang == "rust" and not re.search(r"^ok +rustc with a wasm target", doctor, re.MULTILINE):
        print("skipped: no rustc with a wasm target")
        sys.exit(77)
    failed = []
    for name in BUILT[lang]:
        project = os.path.join(folder, name)
        made = run(tenon, "new", project, "--lang", lang, "-q")
        tested = run(tenon, "test", project)
        if made.returncode or tested.returncode or "2 passed, 0 failed" not in tested.stdout:
            failed.append(f"{lang} {name}: {made.stdout}{tested.stdout}")
    return failed, len(BUILT[lang])


def main():
    tenon = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
        os.environ["NO_COLOR"] = "1"
        failed, count = check_all(tenon, folder) if len(sys.argv) < 3 else build_some(tenon, folder, sys.argv[2])
    print("\n".join(failed + [f"{count - len(failed)} passed, {len(failed)} failed"]))
    sys.exit(1 if failed else 0)


main()
