#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py TENON EXAMPLES: each rule has an example, each wrong one gives that very rule, each right one none."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

COMMANDS = {"wit": ("in.wit", "wit check"), "lint": ("in.wit", "wit lint"), "wat": ("in.wat", "validate")}


def read(path):
    rules, rule = [], None
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("= "):
            _, name, kind, *options = line.split()
            rule = {"name": name, "kind": kind, "options": " ".join(options), "-": [], "+": [], "line": number}
            rules.append(rule)
        elif line[:2] in ("- ", "+ "):
            rule[line[0]].append(line[2:])
        elif not line.startswith("#"):
            sys.exit(f"{path}:{number}: neither `= RULE KIND` nor an example")
    return rules


def run(tenon, rule, lines):
    """What a piece ends with and says."""
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, PATH=f"{tenon.parent}:{os.environ['PATH']}", XDG_CACHE_HOME=os.path.join(folder, ".cache"), NO_COLOR="1")
        if rule["kind"] == "sh":
            script = "set -o pipefail\n" + "\n".join(lines)
        else:
            name, verb = COMMANDS[rule["kind"]]
            pathlib.Path(folder, name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            script = f"tenon {verb} {rule['options']} {name}"
        done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def check(tenon, rule):
    if not rule["-"] or rule["kind"] not in ("sh", "note", *COMMANDS):
        return f"line {rule['line']}: {rule['name']} has no wrong example, or an unknown kind"
    if rule["kind"] == "note":
        return None
    if not rule["+"]:
        return f"line {rule['line']}: {rule['name']} has no right example"
    code, out = run(tenon, rule, rule["-"])
    codes = re.findall(r"^(?:error|warning)\[([\w-]+)\]", out, re.MULTILINE)
    # Where recovery is sound others may follow; the first is the one that is explained.
    if code == 0 or not codes or codes[0] != rule["name"]:
        return f"line {rule['line']}: {rule['name']}: the wrong example ends with {code} and gives {sorted(set(codes))}\n{out}"
    code, out = run(tenon, rule, rule["+"])
    if code or re.search(r"^(error|warning)\[", out, re.MULTILINE):
        return f"line {rule['line']}: {rule['name']}: the right example ends with {code}\n{out}"
    return None


def main():
    tenon = pathlib.Path(sys.argv[1]).resolve()
    rules = read(sys.argv[2])
    listed = subprocess.run([tenon, "explain"], capture_output=True, text=True, check=True).stdout
    known = [line.split()[1] for line in listed.splitlines()]
    names = [rule["name"] for rule in rules]
    failed = [f"{name} has no example" for name in known if name not in names]
    failed += [f"{name} is not a rule" for name in names if name not in known]
    failed += [f"{name} appears twice" for name in sorted({name for name in names if names.count(name) > 1})]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        failed += [fault for fault in pool.map(lambda rule: check(tenon, rule), rules) if fault]
    ran = sum(rule["kind"] != "note" for rule in rules)
    print("\n".join(failed + [f"{len(rules)} rules, {ran} of them run; {len(failed)} failed"]))
    sys.exit(1 if failed else 0)


main()
