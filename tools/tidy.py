#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the files that are named, those left out that it has found clean before.

What clang-tidy has found clean: build/tidy-clean.json holds a digest of everything a run read.

A file is run again when it, a header of the tree that it includes, its command line, .clang-tidy or
clang-tidy's version changes. Headers of the system are not looked at: remove the file after an upgrade.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The analyzer's paths through one function end here: four fifths of a run's time went into the last of them
# (225,000 by default), and a whole tree has to fit into the part's hour.
ANALYZER = ["--extra-arg=-Xclang", "--extra-arg=-analyzer-config", "--extra-arg=-Xclang", "--extra-arg=max-nodes=20000"]
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]+["<]([^">]+)[">]', re.M)


class Tidy:
    def __init__(self, build):
        self.build = build
        self.path = ROOT / "build" / "tidy-clean.json"
        self.clean = set(json.loads(self.path.read_text())) if self.path.exists() else set()
        self.lock = threading.Lock()
        self.texts = {}  # path -> (digest, names that it includes)
        self.commands = {pathlib.Path(entry["file"]): entry["command"]
                         for entry in json.loads((build / "compile_commands.json").read_text())}
        version = subprocess.run(["clang-tidy-22", "--version"], check=True, capture_output=True).stdout
        self.common = hashlib.sha256(version + (ROOT / ".clang-tidy").read_bytes() + " ".join(ANALYZER).encode()).hexdigest()

    def text(self, path):
        if path not in self.texts:
            content = path.read_bytes()
            self.texts[path] = (hashlib.sha256(content).hexdigest(), INCLUDE.findall(content))
        return self.texts[path]

    def key(self, name):
        """The digest of what a run over `name` reads; None when no target compiles it."""
        path = ROOT / name
        if path not in self.commands:
            return None
        command = shlex.split(self.commands[path])
        folders = [pathlib.Path(word[2:]) for word in command if word.startswith("-I")]
        seen, waiting = {}, [path]
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen[at], includes = self.text(at)
            for include in includes:
                for folder in (at.parent, *folders):
                    found = (folder / include.decode()).resolve()
                    if found.is_file():
                        if found.is_relative_to(ROOT):
                            waiting.append(found)
                        break
        read = sorted(f"{at.relative_to(ROOT)} {digest}" for at, digest in seen.items())
        command = " ".join(word.replace(str(ROOT), ".") for word in command)
        return hashlib.sha256("\n".join([self.common, command, *read]).encode()).hexdigest()

    def waiting(self, names):
        """Those of the files that were not found clean as they are."""
        return [name for name in names if self.key(name) not in self.clean]

    def run(self, name):
        """True when clang-tidy finds nothing in `name`."""
        key = self.key(name)
        if subprocess.run(["clang-tidy-22", "--quiet", "-p", str(self.build), *ANALYZER, name], cwd=ROOT).returncode != 0:
            return False
        if key:
            with self.lock:
                self.clean.add(key)
                written = self.path.with_suffix(".tmp")
                written.write_text(json.dumps(sorted(self.clean), indent=0))
                written.replace(self.path)
        return True


def main(names):
    tidy = Tidy(ROOT / "build" / "release")
    waiting = tidy.waiting(names)
    print(f"clang-tidy: {len(waiting)} of {len(names)} files", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return 0 if all(list(pool.map(tidy.run, waiting))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
