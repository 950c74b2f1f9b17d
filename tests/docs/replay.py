#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replays a page of the documentation from its own text.

    replay.py --tenon TENON --build BUILD --compiler CXX PAGE…
    replay.py --build BUILD --compiler CXX --prelude      the precompiled header that host code is compiled with

Blocks are taken in their order, in one scratch folder for each page. `sh`: every line runs and ends with 0. `console`: lines
behind `$ ` run, and print what stands below them; a line `…` stands for any lines, times and sizes for any. `json`, `toml` and `wit`
are read. Anything else, and what differs from that, is told by a comment of one line above the block:

    <!-- replay: write PATH -->            the block is that file (`append PATH`: what is added to it)
    <!-- replay: in DIR -->                commands run there
    <!-- replay: host -->                  host code: the body of a main that returns; it is compiled, run (`prints TEXT`), and run where
                                           the component is not there, which must end with 1 and words
    <!-- replay: fragment NAME… -->        host code that is compiled where these names are known (CONTEXT below)
    <!-- replay: same as FILE -->          the block stands in that file, which another test builds
    <!-- replay: not run: WHY -->
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MARK = re.compile(r"<!-- replay: (.*) -->$")
LIBRARIES = ["runtime", "engine", "component", "abi", "types", "core", "base"]
FLAGS = ["-std=gnu++23", "-O0", "-pthread", f"-I{ROOT}", "-Wall", "-Wextra", "-Werror=unused-result", "-Wno-unused-variable", "-Wno-unused-parameter",
         "-Wno-unused-but-set-variable"]

PRELUDE = """#pragma once
#include <chrono>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include "tenon/embed.h"
#include "tenon/main.h"
#include "tenon/runtime/bindings.h"
#include "tenon/wasi/context.h"
inline int fail(const tenon::Error& error) {
  std::fputs(tenon::render(error).c_str(), stderr);
  return 1;
}
inline int fail(const std::string& why) {
  std::fprintf(stderr, "%s\\n", why.c_str());
  return 1;
}
"""
# What a fragment finds, in this order, when its marker names it.
CONTEXT = {
    "chrono": "using namespace std::chrono_literals;",
    "path": 'const std::string path = "calculator.wasm";',
    "Tenant": "struct Tenant { std::string name; explicit Tenant(std::string n) : name(std::move(n)) {} "
              "void log(std::string_view) const {} };",
    "Canvas": "struct Canvas { std::uint32_t width = 0; };",
    "engine": "tenon::Engine engine;",
    "limits": "tenon::StoreLimits limits;",
    "store": "tenon::Store store(engine);",
    "linker": "tenon::Linker linker(engine);",
    "component": 'const auto loaded = tenon::Component::from_file(engine, "calculator.wasm"); '
                 "if (!loaded) return fail(loaded.error()); const tenon::Component& component = *loaded;",
    "other_instance": "const auto other = linker.instantiate(store, component); if (!other) return fail(other.error()); "
                      "const tenon::Instance& other_instance = *other;",
    "picture": "image_processor::imports_or_exports_picture picture;",
}


class Block:
    def __init__(self, page, line, lang, text, mark):
        self.page, self.line, self.lang, self.text, self.mark = page, line, lang, text, mark

    def fail(self, *words):
        print(f"{self.page}:{self.line}: " + "\n".join(str(word) for word in words))
        sys.exit(1)


def blocks_of(page):
    """The fenced blocks of a page; code that is only indented has no language, so there is none."""
    blocks, mark, open_at, in_list, blank = [], None, None, False, True
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        if open_at is not None:
            if line.startswith("```"):
                blocks.append(Block(page, open_at, lang, "\n".join(text) + "\n" if text else "", mark))
                open_at = mark = None
            else:
                text.append(line)
            continue
        if line.startswith("```"):
            open_at, lang, text = number, line[3:].strip(), []
        elif found := MARK.match(line.strip()):
            mark = found.group(1)
        elif line.strip():
            if mark:
                Block(page, number, "", "", "").fail("a replay comment without a block below it")
            if line.startswith("    ") and blank and not in_list:
                Block(page, number, "", "", "").fail("an indented block: give it a fence and a language")
            if not line.startswith(" "):
                in_list = bool(re.match(r"([-*]|\d+\.) ", line))
        blank = not line.strip()
    return blocks


def normal(text):
    text = re.sub(r"\d+(\.\d+)? ms\b", "N ms", text)
    return re.sub(r"\b\d+ bytes\b", "N bytes", text)


def same_output(wanted, got):
    """Lines that agree, where `…` is any lines."""
    pattern = "".join(r"(?:.*\n)*" if line.strip() == "…" else re.escape(line) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in got)) is not None


RESULT = re.compile(r"\bauto (\w+) =\s*[^;]*(?:from_file|instantiate|get_typed_func|get_func|get_value|\.call|call_view|->[\w.>-]+)\(", re.DOTALL)


def unchecked(text):
    """A result that is used and never looked at."""
    for found in RESULT.finditer(text):
        name = found.group(1)
        rest = text[found.end():]
        if re.search(rf"\*{name}\b|\b{name}->", rest) and not re.search(rf"if \(!{name}\b|if \({name}\b", rest):
            return name
    return None


class Page:
    def __init__(self, options, page, folder):
        self.options, self.page, self.folder, self.cwd = options, page, pathlib.Path(folder), pathlib.Path(folder)
        self.counts = {}
        self.code = 0
        self.env = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8", XDG_CACHE_HOME=str(self.folder / ".cache"),
                        PATH=f"{pathlib.Path(options.tenon).resolve().parent}:{os.environ['PATH']}")

    def run(self):
        for block in blocks_of(self.page):
            kind = self.replay(block)
            self.counts[kind] = self.counts.get(kind, 0) + 1
        print(f"{self.page}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items())))

    def replay(self, block):
        mark = block.mark or ""
        if mark.startswith("not run: "):
            return "not run"
        if mark.startswith("same as "):
            if block.text not in (ROOT / mark[8:]).read_text(encoding="utf-8"):
                block.fail(f"the block does not stand in {mark[8:]}")
            return "built elsewhere"
        if found := re.match(r"(write|append) (\S+)$", mark):
            path = self.cwd / found.group(2)
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "w" if found.group(1) == "write" else "a", encoding="utf-8") as file:
                file.write(block.text)
            return "written"
        if mark == "host" or mark.startswith("host, prints "):
            self.host(block, mark[13:])
            return "host programs"
        if mark.startswith("fragment"):
            self.compile(block, mark.split()[1:], None)
            return "fragments"
        if block.lang in ("sh", "console"):
            cwd = self.cwd
            if mark.startswith("in "):
                self.cwd = self.folder / mark[3:]
                if not self.cwd.exists():  # a folder of the source tree, as a copy
                    shutil.copytree(ROOT / mark[3:], self.cwd)
            self.shell(block)
            if mark.startswith("in "):
                self.cwd = cwd
            return "shell"
        return self.data(block)

    def data(self, block):
        try:
            if block.lang == "json":
                json.loads(block.text)
            elif block.lang == "toml":
                tomllib.loads(block.text)
            elif block.lang == "wit":
                done = subprocess.run(["tenon", "wit", "check", "-"], input=block.text, env=self.env, text=True, capture_output=True, check=False)
                if done.returncode:
                    block.fail(done.stderr)
            else:
                block.fail(f"a block in `{block.lang}` says by `<!-- replay: … -->` what becomes of it")
        except ValueError as error:
            block.fail(error)
        return block.lang

    def command(self, block, line):
        """Runs a line in the page's folder; `cd` lasts."""
        mark = self.folder / ".cwd"
        done = subprocess.run(["bash", "-c", f"(exit {self.code}); {line}\ncode=$?; pwd > {shlex.quote(str(mark))}; exit $code"], cwd=self.cwd, env=self.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.cwd = pathlib.Path(mark.read_text(encoding="utf-8").strip())
        self.code = done.returncode
        return done.returncode, done.stdout

    def shell(self, block):
        if block.lang == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip() and not line.lstrip().startswith("#"):
                    code, out = self.command(block, line)
                    if code:
                        block.fail(f"`{line}` ends with {code}", out)
            return
        steps = []
        for line in block.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif not steps:
                block.fail("a transcript begins with `$ `")
            else:
                steps[-1][1].append(line)
        for line, wanted in steps:
            _, out = self.command(block, line)
            got = normal(out.rstrip("\n")).split("\n") if out.strip() else []
            wanted = [normal(text) for text in wanted]
            if not same_output(wanted, got):
                block.fail(f"`{line}` prints another text", *difflib.unified_diff(wanted, got, "page", "run", lineterm=""))

    def compile(self, block, names, program):
        """Compiles host code as the body of a main; without `program` only looks at it."""
        if name := unchecked(block.text):
            block.fail(f"`{name}` is used and nobody looks whether it is an error")
        unknown = [name for name in names if name not in CONTEXT]
        if unknown:
            block.fail(f"replay.py knows no context {unknown}")
        includes = "".join(re.findall(r"^#include .*\n", block.text, re.MULTILINE))
        body = re.sub(r"^#include .*\n", "", block.text, flags=re.MULTILINE)
        before = "\n".join(text for name, text in CONTEXT.items() if name in names)
        source = self.folder / f".block{block.line}.cpp"
        source.write_text(f'{includes}int main() {{\n{before}\n#line {block.line + 1} "{self.page}"\n{body}return 0;\n}}\n', encoding="utf-8")
        words = [self.options.compiler, *FLAGS, "-include-pch", str(self.options.prelude_file), f"-I{self.cwd}/bindings", str(source)]
        if program is None:
            words.append("-fsyntax-only")
        else:
            archives = [f"{self.options.build}/rooms/{room}/libtenon_{room}.a" for room in LIBRARIES]
            words += ["-o", str(program), "-Wl,--start-group", *archives, "-Wl,--end-group", "-lboost_context"]
        done = subprocess.run(words, cwd=self.cwd, capture_output=True, text=True, check=False)
        if done.returncode:
            block.fail("the code does not compile", done.stderr)

    def host(self, block, prints):
        program = self.folder / f".block{block.line}"
        self.compile(block, [], program)
        done = subprocess.run([program], cwd=self.cwd, capture_output=True, text=True, check=False)
        if done.returncode or (prints and done.stdout.strip() != prints):
            block.fail(f"it ends with {done.returncode} and prints", done.stdout + done.stderr, f"wanted: {prints}")
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run([program], cwd=empty, capture_output=True, text=True, check=False)
        if done.returncode != 1 or ".wasm" not in done.stderr:
            block.fail(f"without its component it ends with {done.returncode}, wanted 1 and words", done.stderr)


def make_prelude(options):
    header = options.prelude_file.with_suffix("")
    header.parent.mkdir(parents=True, exist_ok=True)
    header.write_text(PRELUDE, encoding="utf-8")
    subprocess.run([options.compiler, *FLAGS, "-x", "c++-header", str(header), "-o", str(options.prelude_file)], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenon")
    parser.add_argument("--build", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--prelude", action="store_true")
    parser.add_argument("pages", nargs="*")
    options = parser.parse_args()
    options.build = str(pathlib.Path(options.build).resolve())
    options.prelude_file = pathlib.Path(options.build) / "tests" / "docs" / "prelude.h.pch"
    if options.prelude:
        make_prelude(options)
    for page in options.pages:
        with tempfile.TemporaryDirectory() as folder:
            Page(options, page, folder).run()


main()
