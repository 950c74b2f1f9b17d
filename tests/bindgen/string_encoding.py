#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guests in C whose strings are UTF-16, or Latin-1 where that is enough: `string_encoding.py TENON DIR`."""
import os
import shutil
import subprocess
import sys

WIT = """package test:encoding@1.0.0;
world w {
    /// `<` and `>` around the text.
    export quote: func(text: string) -> string;
    /// Code units, and how many bytes each takes.
    export units: func(text: string) -> tuple<u32, u32>;
    export names: func() -> list<string>;
}
"""
PRELUDE = "#include <string.h>\n#include \"w.h\"\n"
UNITS = """
void exports_w_units(w_string_t *text, w_tuple2_u32_u32_t *ret) {
  ret->f0 = %s;
  ret->f1 = %s;
  w_string_free(text);
}
"""
NAMES = """
void exports_w_names(w_list_string_t *ret) {
  ret->ptr = malloc(2 * sizeof *ret->ptr);
  ret->len = 2;
  %s
}
"""
QUOTE = """
void exports_w_quote(w_string_t *text, w_string_t *ret) {
  const size_t n = %(n)s;
  %(unit)s *const out = malloc((n + 2) * sizeof *out);
  out[0] = '<';
  memcpy(out + 1, text->ptr, n * sizeof *out);
  out[n + 1] = '>';
  w_string_dup_n(ret, out, n + 2);
  free(out);
  w_string_free(text);
}
"""
SOURCES = {
    "utf8": PRELUDE + QUOTE % {"n": "text->len", "unit": "char"} + UNITS % ("(uint32_t)text->len", "1") +
            NAMES % "w_string_dup(&ret->ptr[0], \"ab\"); w_string_dup(&ret->ptr[1], \"\\xc3\\xa9\");",
    "utf16": PRELUDE + QUOTE % {"n": "text->len", "unit": "char16_t"} + UNITS % ("(uint32_t)text->len", "2") +
             NAMES % "w_string_dup(&ret->ptr[0], u\"ab\"); w_string_dup_n(&ret->ptr[1], u\"\\u00e9z\", 1);",
    "compact-utf16": PRELUDE + """
void exports_w_quote(w_string_t *text, w_string_t *ret) {
  const size_t n = w_string_units(text);
  char16_t *const out = malloc((n + 2) * sizeof *out);
  out[0] = '<';
  for (size_t i = 0; i < n; ++i)
    out[i + 1] = w_string_is_utf16(text) ? ((char16_t *)text->ptr)[i] : ((unsigned char *)text->ptr)[i];
  out[n + 1] = '>';
  w_string_dup_n_utf16(ret, out, n + 2);
  free(out);
  w_string_free(text);
}
""" + UNITS % ("(uint32_t)w_string_units(text)", "w_string_is_utf16(text) ? 2 : 1") +
        NAMES % "w_string_dup(&ret->ptr[0], \"ab\"); w_string_dup_n(&ret->ptr[1], \"\\xe9z\", 1);",
}
# What `units` gives for a text, by encoding.
TEXTS = {
    "plain": {"utf8": (5, 1), "utf16": (5, 2), "compact-utf16": (5, 1)},
    "\u00e9": {"utf8": (2, 1), "utf16": (1, 2), "compact-utf16": (1, 1)},
    "\u00e9\U0001f600": {"utf8": (6, 1), "utf16": (3, 2), "compact-utf16": (3, 2)},
    "": {"utf8": (0, 1), "utf16": (0, 2), "compact-utf16": (0, 1)},
}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        print(" ".join(command), "\n", done.stdout, done.stderr)
        sys.exit(77 if "toolchain" in done.stderr or "no clang" in done.stderr else 1)
    return done.stdout.strip()


def main():
    tenon, work = sys.argv[1], sys.argv[2]
    shutil.rmtree(work, ignore_errors=True)
    failed = 0
    for encoding, source in SOURCES.items():
        folder = os.path.join(work, encoding)
        os.makedirs(os.path.join(folder, "src"))
        os.makedirs(os.path.join(folder, "wit"))
        files = {"wit/w.wit": WIT, "src/w.c": source,
                 "tenon.toml": f'name = "w"\nlang = "c"\nstring_encoding = "{encoding}"\n'}
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text)
        run([tenon, "build", "-q", folder])
        component = os.path.join(folder, "build", "release", "w.wasm")
        if not os.path.exists(component):
            component = os.path.join(folder, "build", "debug", "w.wasm")
        call = lambda what: run([tenon, "run", "--invoke", what, component])
        for text, wanted in TEXTS.items():
            for what, want in ((f'quote("{text}")', f'"<{text}>"'), (f'units("{text}")', "(%d, %d)" % wanted[encoding])):
                found = call(what)
                if found != want:
                    failed = 1
                    print(f"{encoding}: {what} gives {found}, wanted {want}")
        if call("names()") != '["ab", "\u00e9"]':
            failed = 1
            print(f"{encoding}: names() gives {call('names()')}")
    print("failed" if failed else "passed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
