#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""terminal.py TENON CASE: how a build looks on a terminal, where it shows a line that it takes back, and colours.

terminal: errors begin at a line's start, coloured; no escapes elsewhere, none with NO_COLOR. commands: `-v` shows what is run.
injection: a source cannot move the cursor by what the compiler quotes. precompiled: the guest header is compiled once for all
projects, sources that set something up before it go without, and a broken one is made again."""

import json
import os
import pty
import re
import subprocess
import sys
import tempfile

ESCAPE = re.compile(r"\x1b\[[0-9;:]*m")


def on_terminal(words, cwd, environment=()):
    """What a program writes to a terminal, and its exit code."""
    own, its = pty.openpty()
    env = dict(os.environ, TERM="xterm-256color", **dict(environment))
    with subprocess.Popen(words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=its, stderr=its) as child:
        os.close(its)
        out = b""
        while True:
            try:
                piece = os.read(own, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
    os.close(own)
    return out.decode("utf-8", "replace").replace("\r\n", "\n"), child.returncode


def shown(text):
    """The lines as they stand at the end: what was taken back is gone."""
    lines = []
    for line in text.split("\n"):
        line = line.split("\r\x1b[K")[-1]
        lines.append(ESCAPE.sub("", line))
    return lines


def project(tenon, folder, source=None):
    subprocess.run([tenon, "new", folder, "--lang", "cpp", "-q"], check=True)
    if source is not None:
        with open(os.path.join(folder, "src", os.listdir(os.path.join(folder, "src"))[0]), "w", encoding="utf-8") as file:
            file.write(source)
    return folder


def read(path):
    with open(path, "rb") as file:
        return file.read()


def wanted(truth, what, *seen):
    if not truth:
        print(f"wanted: {what}", *seen, sep="\n")
        sys.exit(1)


BROKEN = '#include "p.hpp"\nstruct Greeting { static int greet(std::string name) { return nme; } };\nTENON_EXPORT_p(Greeting);\n'


def terminal(tenon, folder):
    place = project(tenon, os.path.join(folder, "p"), BROKEN)
    text, code = on_terminal([tenon, "build"], place)
    wanted(code == 1, "exit code 1", text)
    lines = shown(text)
    wanted(any(re.match(r"src/p_impl\.cpp:2:\d+: error: ", line) for line in lines), "an error at a line's start", text)
    wanted(any(line.startswith("error[compiler-failed]") for line in lines), "tenon's own words at a line's start", text)
    wanted("compiling" in text and not any("compiling" in line for line in lines), "a status line that goes", text)
    error = next(line for line in text.split("\n") if "undeclared identifier" in line)
    wanted(ESCAPE.search(error), "the compiler's colours", error)
    plain, _ = on_terminal([tenon, "build"], place, {"NO_COLOR": "1"})
    wanted(not ESCAPE.search(plain), "no colours with NO_COLOR", plain)
    piped = subprocess.run([tenon, "build"], cwd=place, capture_output=True, text=True, check=False)
    wanted("\x1b" not in piped.stderr + piped.stdout and piped.returncode == 1, "no escapes in a pipe", piped.stderr)
    structured, _ = on_terminal([tenon, "build", "--format", "json"], place)
    wanted("\x1b" not in structured, "no escapes in JSON", structured)
    wanted(json.loads(structured.splitlines()[0])["code"] == "compiler-failed", "an error as JSON", structured)


def commands(tenon, folder):
    place = project(tenon, os.path.join(folder, "p"))
    quiet = subprocess.run([tenon, "build"], cwd=place, capture_output=True, text=True, check=True)
    wanted("clang" not in quiet.stderr, "no commands without -v", quiet.stderr)
    verbose = subprocess.run([tenon, "build", "-v", "--no-cache"], cwd=place, capture_output=True, text=True, check=True)
    lines = [line for line in verbose.stderr.splitlines() if line.startswith("cd ")]
    wanted(sum(" -c " in line for line in lines) == 2, "a line for each source", verbose.stderr)
    wanted(any("-mexec-model=reactor" in line for line in lines), "a line for the linker", verbose.stderr)
    wanted(all("src/p_impl.cpp" not in line or line.startswith("cd . && ") for line in lines), "the folder", verbose.stderr)


def injection(tenon, folder):
    place = project(tenon, os.path.join(folder, "p"), BROKEN.replace("nme", "nme + \x1b]0;owned\x07\x1b[2J"))
    text, code = on_terminal([tenon, "build"], place)
    rest = ESCAPE.sub("", text.replace("\r\x1b[K", ""))
    wanted(code == 1 and "\x1b" not in rest and "\x07" not in rest, "no sequences but colours", repr(rest))


def precompiled(tenon, folder):
    first = project(tenon, os.path.join(folder, "p"))
    say = lambda place, *more: subprocess.run([tenon, "build", "-v", *more], cwd=place, capture_output=True, text=True, check=True).stderr
    said = say(first)
    wanted(said.count("c++-header") == 1 and said.count("-include-pch") == 2, "the header once, used twice", said)
    result = read(os.path.join(first, "build/debug/p.wasm"))
    wanted(len(result) <= 1 << 20, "at most 1.0 MB", str(len(result)))
    second = project(tenon, os.path.join(folder, "q"))
    said = say(second)
    wanted("c++-header" not in said and said.count("-include-pch") == 2, "the other project's header", said)
    # A source that sets something up first is compiled as it stands.
    source = os.path.join(second, "src", "q_impl.cpp")
    text = read(source).decode()
    with open(source, "w", encoding="utf-8") as file:
        file.write("// A comment.\n#define NDEBUG\n" + text)
    said = say(second)
    wanted("-include-pch" not in said, "no precompiled header behind a macro", said)
    # A broken one is no reason to fail.
    for root, _, files in os.walk(os.environ["XDG_CACHE_HOME"]):
        for name in files:
            if name.endswith(".pch"):
                with open(os.path.join(root, name), "wb") as file:
                    file.write(b"broken")
    with open(source, "w", encoding="utf-8") as file:
        file.write("// Another comment.\n" + text)
    said = say(second)
    wanted(said.count("c++-header") == 1 and "-include-pch" in said, "the header made again and used", said)
    with open(source, "w", encoding="utf-8") as file:
        file.write("// A third comment.\n" + text)
    said = say(second)
    wanted("c++-header" not in said and "-include-pch" in said, "the header that was made again", said)
    # The bytes do not depend on what the cache has.
    subprocess.run([tenon, "build", "--no-cache", "-q"], cwd=first, check=True)
    wanted(read(os.path.join(first, "build/debug/p.wasm")) == result, "the same bytes without a cache")


def main():
    tenon = os.path.abspath(sys.argv[1])
    for name in ("NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
        {"terminal": terminal, "commands": commands, "injection": injection, "precompiled": precompiled}[sys.argv[2]](tenon, folder)


main()
