#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ceilings and rules that no compiler knows: lengths of files and functions, the SPDX line, file
names, where TENON_TRY may stand, casts to narrower integers, that no library prints or exits, and that public
functions which give a result are [[nodiscard]]."""
import pathlib
import re
import subprocess
import sys

import rooms

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_CEILING = 1000
FUNCTION_CEILING = 80
SOURCES = (".h", ".hpp", ".cpp", ".c", ".def")
# A definition's first line begins in column 0 (namespaces are not indented) or two spaces inside a class.
PRINTS = re.compile(r"\b(std::cout|std::cerr|f?printf\s*\(|puts\s*\(|fputs\s*\(|(?:fmt|std)::print(?:ln)?\s*\(|std::(?:quick_)?exit\s*\(|"
                    r"std::abort\s*\(|std::terminate\s*\(|(?<!\w)::_?exit\s*\(|fwrite\s*\([^;]*\bstd(?:out|err)\b)"
                    r"|(?:^|[;{}])\s*(?:exit|abort|_exit)\s*\(")


# A cast to a narrower integer drops bits without a word; `narrow` and `low_bits` say what is meant. Rooms that run
# untrusted code use these alone.
NARROW_TYPE = r"(?:(?:std::)?u?int(?:8|16|32)_t|[us](?:8|16|32)|int|unsigned(?: int| char| short)?|(?:signed )?char|short|char8_t|char16_t|char32_t)"
NARROWING = re.compile(r"static_cast<\s*" + NARROW_TYPE + r"\s*>|(?<![\w:.>&])std::u?int(?:8|16|32)_t\(\w|\((?:std::)?u?int(?:8|16|32)_t\)\s*\w")
ROOMS_WITHOUT_NARROWING = ("tenon/engine/", "tenon/runtime/")


# A result that nobody looks at is an error that nobody sees: public functions that give one say so. (`std::expected` is
# not ours to mark.)
GIVES_RESULT = re.compile(r"^\s*(?:(?:static|virtual|inline|constexpr|explicit)\s+)*(?:::)?(?:tenon::)?(?:\w+::)?(?:Result|Outcome|Made|std::expected|expected)<")


def public_headers():
    """What the rooms install."""
    yield from (path for path in rooms.headers(ROOT, "HEADERS") if path.suffix == ".h")
    yield from (ROOT / "tenon").glob("*.h")


def unmarked_results(lines):
    """Lines that declare a function which gives a result, without [[nodiscard]]."""
    for i, line in enumerate(lines):
        if not GIVES_RESULT.match(line) or "[[nodiscard" in line or (i and "[[nodiscard" in lines[i - 1]):
            continue
        rest = line[line.index("<"):]
        depth = 0
        for at, char in enumerate(rest):
            depth += (char == "<") - (char == ">" and rest[at - 1:at] != "-")
            if depth == 0:
                break
        if re.match(r"\s+(?:\w+|operator\S+)\(", rest[at + 1:]):
            yield i + 1


def files():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(line) for line in out.splitlines() if (ROOT / line).is_file()]


def strip_strings(line):
    """The line without the insides of its string literals and without its comment."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    line = re.sub(r"'(\\.|[^'\\])'", "' '", line)
    return line.split("//")[0]


def functions(lines):
    """(first line, length) of every function body: a `{` at the end of a line that closes with `}` in the
    same column; namespaces, types and initialisers are not counted."""
    for i, line in enumerate(lines):
        if not line.rstrip().endswith("{") or line.lstrip().startswith(("//", "#", "*")):
            continue
        indent = len(line) - len(line.lstrip())
        if indent > 2:
            continue
        head = line
        j = i
        while j > 0 and "(" not in head and lines[j - 1].strip() and not lines[j - 1].rstrip().endswith((";", "}", "{", ":")):
            j -= 1
            head = lines[j] + head
        if re.match(r"\s*(template\s*<.*>\s*)?(class|struct|union|enum|namespace)\b", line):
            continue
        if j > 0 and lines[j].startswith("    ") and indent <= 2:
            while j > 0 and lines[j].startswith("    "):
                j -= 1
            head = " ".join(lines[j:i + 1])
        if re.match(r"\s*(namespace|class|struct|enum|union|extern|constexpr\s+\w+[\w:<>, ]*\s+\w+\[\]|static constexpr)\b", head) and ")" not in head:
            continue
        if "(" not in head or re.search(r"=\s*\{$", line.rstrip()):
            continue
        close = " " * indent + "}"
        for k in range(i + 1, len(lines)):
            if lines[k].startswith(close) and (len(lines[k]) == len(close) or lines[k][len(close)] in " ;,)"):
                yield j, k - j + 1
                break


# What may stand before it on its line: nothing, or `T name =`, `place.member =`; an argument list or
# braces may not.
TRY_LEAD = re.compile(r"^(?:(?:const|static|auto)\s+)*[\w:<>,*&\s.\[\]]*(?:->[\w.]+)?\s*=\s*$")
CONTROL = re.compile(r"^(?:\}\s*)?(?:else\s+)?(?:if|while|for|switch)\s*\(.*\)\s*(?:\{\s*)?")
LABEL = re.compile(r"^(?:else|do|case [\w:']+:|default:|\}|\[[&=\w, ]*\](?:\s*\(.*\))?\s*\{|\{)\s*")
IN_CONDITION = re.compile(r"^(?:\}\s*else\s+)?(?:if|while)\s*\(\s*(?:const\s+)?[\w:<>*&\s]+=\s*$")


def check_try(name, lines, faults):
    last = ""
    for number, line in enumerate(lines, 1):
        code = strip_strings(line).strip()
        place = re.search(r"\bTENON_(?:CO_)?TRY\(", code)
        if place and not code.startswith(("#define", "///", "*")):
            before = code[:place.start()]
            before = LABEL.sub("", CONTROL.sub("", before))
            alone = before == "" and not last.endswith(("(", ",", "return", "?", ":=")) and not re.search(r"[\w>]\{$", last)
            if not alone and not TRY_LEAD.match(before) and not IN_CONDITION.match(code[:place.start()]):
                faults.append(f"{name}:{number}: TENON_TRY stands only as the initialiser of a local or as a whole statement")
        if code:
            last = code


def main():
    faults = []
    for path in files():
        name = str(path)
        in_code = name.startswith(("tenon/", "tests/", "bench/", "fuzz/", "guest/", "examples/", "tools/"))
        if path.suffix not in SOURCES or name.startswith("tests/golden/"):
            if in_code and path.suffix in (".py", ".sh") and "SPDX-License-Identifier" not in (ROOT / path).read_text(encoding="utf-8")[:400]:
                faults.append(f"{name}: the SPDX line is missing")
            continue
        if not in_code:
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        lines = text.split("\n")
        if "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
            faults.append(f"{name}:1: the first line is no SPDX line")
        if not re.fullmatch(r"[a-z0-9_]+", path.stem):
            faults.append(f"{name}: files are named in snake_case")
        if path.suffix == ".h" and name.startswith("tenon/") and "#pragma once" not in text:
            faults.append(f"{name}: `#pragma once` is missing")
        if path.suffix == ".def":
            continue
        if len(lines) - 1 > FILE_CEILING:
            faults.append(f"{name}: {len(lines) - 1} lines, the ceiling is {FILE_CEILING}")
        for start, length in functions(lines):
            if length > FUNCTION_CEILING:
                faults.append(f"{name}:{start + 1}: a function of {length} lines, the ceiling is {FUNCTION_CEILING}")
        if name.startswith("tenon/"):
            check_try(name, lines, faults)
            if "using namespace std" in text:
                faults.append(f"{name}: `using namespace std`")
            if name.startswith(ROOMS_WITHOUT_NARROWING) and not name.endswith(("_test.cpp", "_test.h")):
                for number, line in enumerate(lines, 1):
                    if NARROWING.search(strip_strings(line)):
                        faults.append(f"{name}:{number}: a bare cast to a narrower integer: `narrow` or `low_bits` of base/narrow.h")
            # What `main` functions include may do what they may.
            if not name.startswith(("tenon/cli/", "tenon/main.h")) and not name.endswith(("_test.cpp", "_test.h")) and "/test_" not in name:
                for number, line in enumerate(lines, 1):
                    code = strip_strings(line)
                    if PRINTS.search(code) and "snprintf" not in code and "vsnprintf" not in code:
                        faults.append(f"{name}:{number}: a library neither prints nor exits")
    for path in public_headers():
        for number in unmarked_results(path.read_text(encoding="utf-8").split("\n")):
            faults.append(f"{path.relative_to(ROOT)}:{number}: a public function that gives a result is [[nodiscard]]")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
