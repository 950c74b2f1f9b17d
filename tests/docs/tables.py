#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tables.py TENON: references name what the code knows, no more and no less: keys of tenon.toml, arguments of the CMake functions,
verbs of the program, rules of lint."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
failed = []


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def compare(what, code, page):
    for name in sorted(code - page):
        failed.append(f"{what}: `{name}` is in the code and not in the docs")
    for name in sorted(page - code):
        failed.append(f"{what}: `{name}` is in the docs and not in the code")


def first_cells(text):
    """The names in the first column of the tables of a piece of Markdown."""
    out = set()
    for line in text.splitlines():
        if line.startswith("| `"):
            out |= set(re.findall(r"`([^`]+)`", line.split("|")[1]))
    return out


def manifest():
    code = read("tenon/builder/manifest.cpp")
    lists = {}
    for name in ("read_profile", "read_key", "read_preinit"):
        text = code[code.index(f"Result<void> {name}("):]
        lists[name] = set(re.findall(r'"([\w-]+)"', re.search(r"known = \{(.*?)\};", text, re.DOTALL).group(1)))
    page = read("docs/manifest.md")
    lint, preinit, profile = (page.index(f"## `[{name}]`") for name in ("lint", "preinit", "profile.NAME"))
    compare("tenon.toml", lists["read_key"], first_cells(page[:lint]))
    compare("[lint]", {"allow"}, first_cells(page[lint:preinit]))
    compare("[preinit]", lists["read_preinit"], first_cells(page[preinit:profile]))
    compare("[profile]", lists["read_profile"], first_cells(page[profile:]))


def cmake():
    code, page = read("cmake/TenonComponent.cmake"), read("docs/cmake.md")
    functions = re.findall(r"^function\((tenon_\w+)", code, re.MULTILINE)
    for name in functions:
        body = code[code.index(f"function({name}"):]
        known = set(re.search(r'_tenon_check\("\$\{call\}" arg\s+"([^"]*)"', body).group(1).split(";"))
        if f"## `{name}`" not in page:
            failed.append(f"docs/cmake.md has no part `{name}`")
            continue
        part = page[page.index(f"## `{name}`") + 3:]
        part = part[:part.index("\n## ")] if "\n## " in part else part
        compare(name, known, {cell for cell in first_cells(part) if cell.isupper()})


def verbs(tenon):
    listed = subprocess.run([tenon, "--help"], capture_output=True, text=True, check=True).stdout
    names = set(re.findall(r"^  (\w+) +\S", listed, re.MULTILINE))
    page = read("docs/cli.md")
    for name in sorted(names):
        if not re.search(rf"`[^`]*\b{name}\b", page):
            failed.append(f"docs/cli.md does not name the verb `{name}`")


def lint():
    code = set(re.findall(r'"(wit-lint-[\w-]+)"', read("tenon/wit/rules.def")))
    page = read("docs/wit.md")
    compare("lint", code, {cell for cell in first_cells(page) if cell.startswith("wit-lint-")})


manifest()
cmake()
verbs(sys.argv[1])
lint()
print("\n".join(failed) or "the references agree with the code")
sys.exit(1 if failed else 0)
