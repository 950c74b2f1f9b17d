#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program in suite/ against what suite.expected says: suite.py TENON FOLDER [wasmtime]. Each case runs in a process and a
folder of its own; its first line is what the case ends as: an exit code, or `trap`. With an engine's name that engine runs
them, as far as it is not known to answer otherwise. TENON_BLESS=1 writes the file. Ends with 77 when a compiler for guests
or the engine is missing."""
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
from find_peer import find_peer  # noqa: E402

EXPECTED = HERE / "suite.expected"
SKIP = 77
STDIN = b"abc\ndef\n"
TRAP = {"tenon": 134, "wasmtime": 1}
# Where the peer answers otherwise: it opens streams that the descriptor's flags forbid, takes times whose nanoseconds are none,
# permits any write to standard output, finds a time that has passed late, loses its port with a connection, and does not end; it has
# no special addresses, asks the resolver for names that are none, has no name for the limit of sockets, and wants the streams of a
# socket to go before it.
ELSEWHERE = {"refused-files", "times", "write-beyond-permit", "timers", "udp-connected", "tcp-many", "tcp-special-addresses",
             "tcp-as-many-as-there-are", "odd-names", "udp-odd-drops"}

# Cases that tenon also runs without any grant of the network.
DENIED = ["names", "odd-names", "tcp-states", "tcp-special-addresses", "udp-states"]
WITHOUT = " without grants"


def grants(engine, folder, case):
    if case.endswith(WITHOUT):
        return []
    words = ["--env", "A=b", "--dir", f"{folder}::/"]
    if engine == "wasmtime":
        return words + ["-S", "inherit-network", "-S", "allow-ip-name-lookup"]
    return words + ["--inherit-network"]


def run(engine, program, component, case, folder):
    """What a case said, below how it ended."""
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    words = [program, "run", *grants(engine, root, case), component, case.removesuffix(WITHOUT), "x", "-y"]
    done = subprocess.run([str(w) for w in words], input=STDIN, capture_output=True, timeout=120, check=False)
    told = b"trapped" in done.stderr or b"wasm trap" in done.stderr or b"failed to invoke" in done.stderr
    ended = "trap" if done.returncode == TRAP[engine] and told else str(done.returncode)
    said = done.stdout.decode(errors="replace").replace("\0", "~").replace("." * 4096, "(4096 dots)").replace("~" * 4096, "(4096 zeroes)")
    said = said.replace("localhost: an IPv6 address", "localhost: 127.0.0.1")  # whichever comes first
    left = sorted(p.name for p in root.iterdir())
    return f"{ended}\n{said}" + (f"left behind: {left}\n" if left else "")


def build(tenon, folder):
    project = folder / "suite"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(HERE / "suite", project)
    done = subprocess.run([tenon, "build", project], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "toolchain" in done.stderr or "not-found" in done.stderr:
            print(f"skipped: {done.stderr}")
            sys.exit(SKIP)
        sys.exit(done.stderr)
    return project / "build" / "debug" / "suite.wasm"


def parse(text):
    out = {}
    for block in text.split("\n=== ")[0:]:
        name, _, rest = block.removeprefix("=== ").partition("\n")
        out[name] = rest
    return out


def main():
    tenon, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    engine = sys.argv[3] if len(sys.argv) > 3 else "tenon"
    program = tenon if engine == "tenon" else find_peer(engine)
    if program is None:
        print(f"skipped: no {engine} in $TENON_PEERS/bin or PATH")
        return SKIP
    folder.mkdir(parents=True, exist_ok=True)
    component = build(tenon, folder)
    cases = subprocess.run([tenon, "run", component, "list"], capture_output=True, text=True, check=True).stdout.split()
    if engine == "tenon":
        cases += [case + WITHOUT for case in DENIED]
    if os.environ.get("TENON_BLESS") and engine == "tenon":
        EXPECTED.write_text("".join(f"=== {c}\n{run(engine, program, component, c, folder)}\n" for c in cases), encoding="utf-8")
        return 0
    wanted = parse(EXPECTED.read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        if engine != "tenon" and case in ELSEWHERE:
            continue
        found = run(engine, program, component, case, folder)
        if found.strip() != wanted.get(case, "").strip():
            failed += 1
            print(f"{case}:\n--- expected\n{wanted.get(case)}\n--- found\n{found}")
    print(f"{len(cases) - failed} of {len(cases)} cases as expected")
    return 1 if failed or (engine == "tenon" and sorted(cases) != sorted(wanted)) else 0


if __name__ == "__main__":
    sys.exit(main())
