#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""editors.py TENON LANG: what editors read of a project. C and C++: each line of compile_commands.json compiles, a file of
somebody else's stays. Rust: cargo knows the crate and its bindings before the first build and after it. 77 without a compiler."""

import json
import os
import shutil
import subprocess
import sys
import tempfile


def fail(*words):
    print(*words, sep="\n")
    sys.exit(1)


def run(*words, cwd=None):
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(" ".join(words), done.stdout + done.stderr)
    return done.stdout + done.stderr


def check_commands(tenon, project):
    place = os.path.join(project, "compile_commands.json")
    with open(place, encoding="utf-8") as file:
        entries = json.load(file)
    if len(entries) != 2 or any(set(entry) != {"directory", "file", "arguments"} for entry in entries):
        fail("two sources wanted, each with directory, file and arguments", entries)
    for entry in entries:
        run(*entry["arguments"], "-fsyntax-only", cwd=entry["directory"])
    # Built again, it is there again; another's is never replaced.
    os.remove(place)
    run(tenon, "build", project)
    if not os.path.exists(place):
        fail("an up to date project has no compile_commands.json")
    with open(place, "w", encoding="utf-8") as file:
        file.write("[]\n")
    run(tenon, "build", "--profile", "release", project)
    with open(place, encoding="utf-8") as file:
        if file.read() != "[]\n":
            fail("somebody else's compile_commands.json was replaced")


def check_crate(tenon, project, cargo):
    def packages():
        words = [cargo, "metadata", "--format-version", "1", "--offline"]
        done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
        if done.returncode:
            fail("cargo metadata", done.stderr)
        return sorted(package["name"] for package in json.loads(done.stdout)["packages"])

    wanted = ["my-greeter", "my_greeter_bindings"]
    if packages() != wanted:
        fail("before a build cargo sees", packages())
    shutil.rmtree(os.path.join(project, "build"))
    said = run(tenon, "build", "-v", project)
    if packages() != wanted:
        fail("after a build cargo sees", packages())
    if "cargo" in said.replace("Cargo", ""):
        fail("cargo was run for a crate without dependencies", said)


def main():
    tenon, lang = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "its-own")
        project = os.path.join(folder, "my-greeter")
        run(tenon, "new", project, "--lang", lang)
        if lang == "rust":
            cargo = "/usr/bin/cargo" if os.path.exists("/usr/bin/cargo") else shutil.which("cargo")
            if not cargo or "ok       rustc with a wasm target" not in run(tenon, "doctor"):
                print("skipped: no cargo or no rustc with a wasm target")
                sys.exit(77)
            check_crate(tenon, project, cargo)
        else:
            run(tenon, "build", project)
            check_commands(tenon, project)


main()
