#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py TENON bash|zsh|fish: the completion script, loaded into its shell, offers the values that an option or an input takes."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

# A line before the cursor; what must be offered; what must not.
CASES = [
    ("tenon wi", ["wit"], ["run"]),
    ("tenon wit ", ["check", "fmt", "doc"], ["run"]),
    ("tenon bindgen ", ["cpp", "cpp-host", "rust", "markdown"], ["a.wit"]),
    ("tenon bindgen cpp ", ["a.wit"], ["cpp-host"]),
    ("tenon bindgen --out-dir x cpp ", ["a.wit"], ["cpp-host"]),
    ("tenon bindgen cpp --ownership ", ["owning", "borrowing"], ["a.wit"]),
    ("tenon new --lang ", ["cpp", "c", "rust"], ["a.wit"]),
    ("tenon new -l ", ["cpp", "c", "rust"], ["a.wit"]),
    ("tenon build -p ", ["debug", "release"], []),
    ("tenon explain wit-lint-d", ["wit-lint-docs"], ["wit-lint-since"]),
    ("tenon wit lint --allow wit-lint-", ["wit-lint-docs", "wit-lint-since"], ["usage"]),
    ("tenon test ", ["a.wasm"], []),
    ("tenon test a.wasm ", ["a.json"], []),
    ("tenon run --link ", ["a.wasm"], []),
    ("tenon doctor ", ["cpp", "c", "rust"], ["a.wit"]),
    ("tenon print --color ", ["auto", "always", "never"], []),
]
FILES = ["a.wit", "a.wasm", "a.json", "a.txt"]


def bash(script, line, folder):
    words = line.split(" ")
    code = f"""source {script}
compopt() {{ :; }}
COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
_tenon; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return subprocess.run(["bash", "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout.split()


def fish(script, line, folder):
    code = f"source {script}; complete -C '{line}'"
    out = subprocess.run(["fish", "--no-config", "-c", code], cwd=folder, capture_output=True, text=True, check=True).stdout
    return [row.split("\t")[0] for row in out.splitlines()]


def main():
    tenon, shell = sys.argv[1:]
    if not shutil.which(shell):
        print(f"skipped: there is no {shell}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            (pathlib.Path(folder) / name).touch()
        script = pathlib.Path(folder) / "script"
        subprocess.run([tenon, "completion", shell, "-o", script], check=True)
        subprocess.run([shell, "-n", script], check=True)
        if shell == "zsh":  # completion wants a terminal there: what is read is the text
            text = script.read_text()
            wanted = [":LANG:(cpp c rust)", "'1:input:(cpp-host cpp c rust markdown)'", '*.(wit|wasm)"', '*.json"']
            failed = [f"`{word}` is not in the script" for word in wanted if word not in text]
        else:
            failed = []
            for line, must, must_not in CASES:
                offered = (bash if shell == "bash" else fish)(script, line, folder)
                failed += [f"`{line}` does not offer `{word}`: {offered}" for word in must if word not in offered]
                failed += [f"`{line}` offers `{word}`" for word in must_not if word in offered]
                # fish shows other files behind those of the ending.
                if shell == "bash" and "a.txt" in offered:
                    failed.append(f"`{line}` offers a file of another ending")
    print("\n".join(failed) or f"{shell} offers what it should")
    return 1 if failed else 0


sys.exit(main())
