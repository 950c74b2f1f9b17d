#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/mapping.md out of the bindings of the round trips: `mapping.py [--check] MADE`.

MADE holds what bindgen_generate made of roundtrip.wit. Each cell is what the generator wrote for the
row's function, and a link to the line of the test that calls it. With TENON_BLESS=1 --check writes too.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = "tests/bindgen"

ECHO = [
    ("Numbers and text", ["e_bool", "e_s8", "e_u8", "e_s16", "e_u16", "e_s32", "e_u32", "e_s64", "e_u64", "e_f32", "e_f64",
                          "e_char", "e_string"]),
    ("Lists and maps", ["e_bytes", "e_bools", "e_strings", "e_points", "e_lists", "e_fixed", "e_fixed_strings", "e_list_fixed", "e_map",
                        "e_map_named", "e_words"]),
    ("Structures", ["e_point", "e_named", "e_tuple1", "e_tuple", "e_color", "e_of8", "e_of9", "e_of17", "e_bare", "e_shape"]),
    ("Options and results", ["e_option_u8", "e_option_string", "e_option_point", "e_option", "e_option_list", "e_result", "e_result_ok",
                             "e_result_err", "e_result_none", "e_result_list"]),
]
THINGS = [("Resources, as the guest imports them and the host implements them", "test::roundtrip::things",
           ["keep", "keep_option", "keep_tuple", "keep_slots", "total", "total_option", "total_lent"]),
          ("Resources, as the guest exports them and the host holds their handles", "exports::test::roundtrip::things",
           ["keep", "keep_option", "keep_tuple", "keep_slots", "total", "total_option", "total_lent"])]

HEAD = """# WIT types in C++, C and Rust

`tests/bindgen/mapping.py` generates this page from the generated bindings; a test fails if the page is out of date. Each cell is a type
as it occurs in generated code. It links to the test that passes values of the type to a guest in that language and back: hundreds of
random values for each function of [`shapes.def`](../tests/bindgen/roundtrip/shapes.def). Where a cell has two types, the first is the
owned type, used for results and for the parameters of exported functions; the second is the type of a parameter that a function only
reads. With `--ownership borrowing`, exported functions also take views of strings and of lists that need no conversion.

"""
TAIL = """
## How the types look

- **record**: in C++ an aggregate with `==`, in C a `struct`, in Rust a `struct` with `Clone`, `Debug` and `PartialEq`, and `Copy` if all
  its fields are `Copy`. A record that contains handles has none of these traits.
- **variant**: in C++ a class derived from a `std::variant` of case structures, each with its payload in the member `value`; in C a
  `tag` and a union `val`; in Rust an `enum`.
- **enum**: in C++ an `enum class`; in C an integer and constants; in Rust an `enum`.
- **flags**: in C++ an `enum class` with the operators `|` `&` `^` `~` `!`; in C an integer and constants; in Rust a `struct` with the
  methods of bitflags. The specification allows at most 32 labels.
- **list, map** in C: `ptr` and `len`; free a function's result with `…_free`. A **list of fixed length** is `at[N]`.
- **option** in C: a parameter is a pointer, null for none; a function that returns an option returns `bool`, and writes `ret` if it is
  true.
- **result** in C: the function returns `bool`, and writes `ret` if it is true, `err` otherwise.
- `stream`, `future`, `error-context` and async functions are not supported yet; the error names the item ([test](../tests/golden/bindgen/async.wit)).
"""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def line_of(text, pattern):
    found = re.search(pattern, text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else None


def split(text):
    """The parts of a list, at commas outside of brackets."""
    out, depth, part = [], 0, ""
    for i, c in enumerate(text):
        depth += c in "<([" or 0
        depth -= (c in ")]" or (c == ">" and text[i - 1] != "-")) or 0
        if c == "," and depth == 0:
            out.append(part.strip())
            part = ""
        else:
            part += c
    return out + ([part.strip()] if part.strip() else [])


def short(text):
    text = re.sub(r"(::)?\broundtrip::(exports::)?test::roundtrip::(types|echo|things)::", "", text)
    text = re.sub(r"\b(exports_)?(test_roundtrip_(types|echo|things)|roundtrip)_", "…_", text)
    return re.sub(r"(?<![\w>])::(?=std|tenon)", "", text).replace("_rt::", "").replace(" *", "* ").replace("  ", " ").strip()


def cell(held, given, link):
    parts = [f"`{short(held)}`"] if held else []
    if given and short(given) != short(held or ""):
        parts.append(f"`{short(given)}`")
    text = ", ".join(parts).replace("|", "\\|")
    return f"[{text}](../{link[0]}#L{link[1]})"


class Made:
    def __init__(self, folder):
        self.wit = read(f"{ROOT}/{HERE}/roundtrip/wit/roundtrip.wit")
        self.host = read(f"{folder}/cpp-host/roundtrip_host.h")
        self.cpp = read(f"{folder}/cpp/roundtrip.hpp")
        self.c = read(f"{folder}/c/roundtrip.h")
        self.rust = read(f"{folder}/rust/src/lib.rs")
        self.tests = {name: read(f"{ROOT}/{HERE}/{name}") for name in (
            "roundtrip_test.cpp", "roundtrip/shapes.def", "roundtrip/cpp/src/roundtrip.cpp", "roundtrip/c/src/roundtrip.c",
            "roundtrip/rust/src/lib.rs")}

    def link(self, name, *patterns):
        for pattern in patterns:
            line = line_of(self.tests[name], pattern)
            if line:
                return f"{HERE}/{name}", line
        raise SystemExit(f"{name}: nothing like {patterns}")

    def param(self, text, name):
        """`T name` without the name."""
        return re.sub(r"\s*\b\w+$", "", text) if name else text

    def wit_type(self, name):
        found = re.search(rf"^\s*{name.replace('_', '-')}: func\((?:v|it|all): (.*?)\)(?: ->|;)", self.wit, re.M)
        return found[1]

    def row(self, name, where):
        """What each generator wrote for a function of an interface."""
        exported = where.startswith("exports")
        imports = self.cpp[self.cpp.index(f"namespace roundtrip::{where.removeprefix('exports::')} {{"):]
        # The host calls what is exported, and implements what is imported.
        if exported:
            host = re.search(rf"Outcome<(.*)> {name}\(([^)]*(?:\([^)]*\)[^)]*)*)\) const \{{", self.host)
            held, given = host[1], self.param(host[2], True)
        else:
            host = re.search(rf"write `(.*?) {name}\((.*?)\)` in the host", self.host)
            held, given = host[1], self.param(host[2], True)
        # Both directions of a guest: what it calls, and what it implements.
        cpp_called = re.search(rf"^(\S.*?) {name}\((.*)\);$", imports, re.M)
        cpp_written = re.search(rf"`static (.*?) {name}\((.*?)\)`", self.cpp)
        c_prefix = where.replace("::", "_")
        c = re.search(rf"^(.*?) \*?{c_prefix}_{name}\((.*)\);$", self.c, re.M)
        rust_called = re.search(rf"pub fn {name}\((.*?)\)(?: -> (.*))? \{{$", self.rust, re.M)
        rust_written = re.search(rf"^\s*fn {name}\((.*?)\)(?: -> (.*))?;$", self.rust, re.M)
        plain = lambda params: self.param(split(params)[0], True)
        rust = lambda params: split(params)[0].split(": ", 1)[1]
        echo = name.startswith("e_")
        total = name.startswith("total")
        in_host = self.link("roundtrip_test.cpp", rf"things\.{name}\(" if exported else rf"\b{name}[(,]") if not echo else None
        return [
            (None if total else held, given, in_host or self.link("roundtrip/shapes.def", rf"SHAPE\({name}\)")),
            (plain(cpp_written[2]) if exported or echo else plain(cpp_called[2]), plain(cpp_called[2]) if echo else None,
             self.link("roundtrip/shapes.def", rf"SHAPE\({name}\)") if echo else
             self.link("roundtrip/cpp/src/roundtrip.cpp", *([rf"static .*\b{name}\("] if exported else [rf"h::{name}\(", rf"host_things::{name}\("]))),
            (None, ", ".join(self.param(p, True) for p in split(c[2])[:1]),
             self.link("roundtrip/c/src/roundtrip.c", rf"\({name}, ", rf"echo_{name}\(", *([rf"exports_test_roundtrip_things_{name}\("]
                       if exported else [rf"[ (!]test_roundtrip_things_{name}\("]))),
            (rust(rust_written[1]) if exported or echo else rust(rust_called[1]), rust(rust_called[1]) if echo else None,
             self.link("roundtrip/rust/src/lib.rs", *([rf"^    fn {name}\(", rf"^        {name}: "] if exported else [rf"(?<!fn )\b{name}\("]))),
        ]


def table(made, title, where, names):
    out = f"## {title}\n\n| WIT | C++ host | C++ guest | C guest | Rust guest |\n|---|---|---|---|---|\n"
    for name in names:
        cells = [cell(*one) for one in made.row(name, where)]
        out += f"| `{made.wit_type(name)}` | " + " | ".join(cells) + " |\n"
    return out + "\n"


def main():
    made = Made(os.path.join(sys.argv[-1], "roundtrip", "roundtrip"))
    text = HEAD
    for title, names in ECHO:
        text += table(made, title, "exports::test::roundtrip::echo", names)
    for title, where, names in THINGS:
        text += table(made, title, where, names)
    text = text.rstrip("\n") + "\n" + TAIL
    path = os.path.join(ROOT, "docs", "mapping.md")
    if "--check" in sys.argv and not os.environ.get("TENON_BLESS"):
        # A line that has moved is no lie; the table made anew says where it is.
        without_lines = lambda page: re.sub(r"#L[0-9]+", "", page)
        if without_lines(read(path)) != without_lines(text):
            print("docs/mapping.md is stale: run tests/bindgen/mapping.py")
            return 1
        return 0
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
