#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the corpus: one WIT file for each world. `corpus.py OUT_DIR [NAME...]`."""
import os
import re
import sys

PRIMS = ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"]

# Types of an interface that every shape below may name.
COMMON = """
    record point { x: f64, y: f64 }
    record named { name: string, tags: list<string>, at: option<point> }
    enum color { red, green, blue }
    flags perms { read, write, exec }
    variant shape { circle(f64), square(point), text(string), nothing }
    variant wide { a(u8), b(u64), c(f32), d(list<named>), e }
    resource thing {
        constructor(name: string);
        get: func() -> string;
        merge: static func(a: thing, b: borrow<thing>) -> thing;
        set: func(p: point, s: shape);
    }
"""

# One row for each type shape: name, WIT.
SHAPES = [
    *[(p, p) for p in PRIMS],
    ("record", "point"), ("record-named", "named"), ("enum", "color"), ("flags", "perms"),
    ("variant", "shape"), ("variant-wide", "wide"),
    ("list-u8", "list<u8>"), ("list-bool", "list<bool>"), ("list-char", "list<char>"), ("list-f64", "list<f64>"),
    ("list-string", "list<string>"), ("list-record", "list<point>"), ("list-named", "list<named>"),
    ("list-enum", "list<color>"), ("list-flags", "list<perms>"), ("list-variant", "list<shape>"),
    ("list-wide", "list<wide>"), ("list-list", "list<list<u16>>"), ("list-list-string", "list<list<string>>"),
    ("list-option", "list<option<u32>>"), ("list-tuple", "list<tuple<u8, string>>"),
    ("list-result", "list<result<u32, string>>"),
    ("option-u8", "option<u8>"), ("option-string", "option<string>"), ("option-record", "option<point>"),
    ("option-list", "option<list<u32>>"), ("option-option", "option<option<u64>>"),
    ("option-variant", "option<shape>"), ("option-bool", "option<bool>"),
    ("result-both", "result<point, string>"), ("result-ok", "result<u32>"), ("result-err", "result<_, string>"),
    ("result-none", "result"), ("result-result", "result<result<u8, string>, result<f64, shape>>"),
    ("result-list", "result<list<named>, wide>"),
    ("tuple-one", "tuple<u32>"), ("tuple-two", "tuple<u8, f64>"), ("tuple-nested", "tuple<tuple<u8, u16>, string, point>"),
    ("tuple-long", "tuple<" + ", ".join(["u32"] * 20) + ">"),
    ("map-string", "map<string, u32>"), ("map-record", "map<u32, named>"), ("list-map", "list<map<string, string>>"),
    ("fixed-u8", "list<u8, 4>"), ("fixed-string", "list<string, 2>"), ("fixed-record", "list<point, 3>"),
    ("fixed-long", "list<u32, 40>"), ("list-fixed", "list<list<f32, 2>>"),
    ("own", "own<thing>"), ("list-own", "list<own<thing>>"), ("option-own", "option<own<thing>>"),
    ("result-own", "result<own<thing>, string>"), ("tuple-own", "tuple<own<thing>, string>"),
]

# Borrows stand only in parameters.
BORROWS = [
    ("borrow", "borrow<thing>"), ("list-borrow", "list<borrow<thing>>"), ("option-borrow", "option<borrow<thing>>"),
    ("tuple-borrow", "tuple<borrow<thing>, string>"),
]

KEYWORDS = {
    "cpp": """class namespace template operator new delete this auto const int double float char void while for if else
        switch case default break continue return try catch throw public private protected virtual friend using typedef
        typename union union0 and or not xor bitand compl nullptr true false explicit export extern goto inline long
        short signed sizeof static struct unsigned volatile register mutable requires concept co-await std tenon
        size value base data begin end handle""",
    "rust": """as async await box crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return
        self static struct super trait type unsafe use where while yield abstract become do final macro override priv
        typeof unsized virtual try gen guest string option vec result some none ok err clone copy debug default
        drop new get from into str rt core alloc""",
    "c": """errno stdin stdout assert unix linux major minor restrict alignas noreturn complex main printf malloc free
        memcpy index time signal exit abs log exp remove select ret err ptr len tag val is-some is-err null eof""",
}


# What the standard library of a language and the generators themselves call their things: each of these, and each
# keyword, stands in every position of a world (`hostile_worlds`).
HOSTILE_WORDS = """vec string option result some none ok err std core alloc box self super crate tenon main guest world exports
    bindings export rt map list tuple expected optional variant monostate pair array span memory move forward find bind
    instantiate store drop handle release get make value impl type-id from into debug clone default copy iter object params
    ret s area i p0 a0 f0 r host-ref borrow own linker instance find-it abi pick called
    frame slot byte bytes sequence choice returned component wasi engine runtime index emplace swap visit
    shared-from-this weak-from-this"""


def hostile_worlds(words):
    """Each word as namespace, package, world, interface, resource, method, type, field, case, label, parameter."""
    words = list(dict.fromkeys(words.split()))
    lists = [words[i:i + 24] for i in range(0, len(words), 24)]
    out = {}
    for n, some in enumerate(lists):
        # `package vec:vec; interface vec { resource vec { vec: func(vec: u32) … } }`
        packages = "\n".join(f"""package %{w}:%{w}@1.0.0 {{
    interface %{w} {{
        record in-record {{ %{w}: string, b: option<u8> }}
        variant in-variant {{ %{w}(in-record), b(list<string>), none-such }}
        enum in-enum {{ %{w}, none-such }}
        flags in-flags {{ %{w}, none-such }}
        resource %{w} {{
            constructor(%{w}-a: string, b: option<u32>);
            get-it: func(%{w}-a: in-record) -> result<in-variant, string>;
            all: static func(%{w}-a: list<string>) -> list<%{w}>;
        }}
        do-it: func(%{w}: string, b: borrow<%{w}>) -> tuple<in-enum, option<in-flags>, result<%{w}, string>>;
    }}
    interface other {{
        type %{w} = list<string>;
        record a-record {{ %{w}: %{w} }}
        resource a-handle {{ constructor(); %{w}: func(%{'me' if w == 'self' else w}: u8) -> %{w}; }}
        f: func(a: a-record, b: a-handle) -> result<%{w}, a-record>;
    }}
    interface functions {{ record a-record {{ a: string }} %{w}: func(%{w}: a-record) -> option<a-record>; }}
}}""" for w in some)
        both = "\n".join(f"    import %{w}:%{w}/%{w}@1.0.0;\n    import %{w}:%{w}/other@1.0.0;\n    import %{w}:%{w}/functions@1.0.0;\n"
                         f"    export %{w}:%{w}/%{w}@1.0.0;\n    export %{w}:%{w}/other@1.0.0;\n    export %{w}:%{w}/functions@1.0.0;" for w in some)
        out[f"hostile-packages-{n}"] = f"package corpus:hostile-packages-{n}@1.0.0;\n\nworld everything {{\n{both}\n}}\n{packages}\n"
        worlds = "\n".join(f"""world %{w} {{
    use types.{{t as %{w}-t, r as %{w}-r}};
    import types;
    import %{w}: func(%{w}: string) -> result<%{w}-t, string>;
    export %{w}: func(%{w}: option<%{w}-t>, b: %{w}-r) -> list<%{w}-t>;
}}""" for w in some)
        out[f"hostile-worlds-{n}"] = (f"package corpus:hostile-worlds-{n}@1.0.0;\n\n"
                                      f"interface types {{ record t {{ a: string }} resource r {{ constructor(); }} }}\n{worlds}\n")
        # All of them side by side.
        types = "\n".join(f"    record %{w} {{ a: string, %{w}: list<string> }}" for w in some)
        uses = "\n".join(f"    use-{w}: func(%{w}: %{w}, b: option<%{w}>) -> result<list<%{w}>, tuple<%{w}, u8>>;" for w in some)
        resources = "\n".join(f"    resource %{w} {{ constructor(a: string); m: func(%{'me' if w == 'self' else w}: borrow<%{w}>) -> option<%{w}>; }}" for w in some)
        members = "\n".join(f"        %{w}: func(a: option<string>) -> result<string, u8>;" for w in some if w != "drop")
        out[f"hostile-types-{n}"] = (f"package corpus:hostile-types-{n}@1.0.0;\n\ninterface i {{\n{types}\n{uses}\n}}\n"
                                     f"interface j {{\n{resources}\n}}\n"
                                     f"interface k {{ resource a-handle {{ constructor();\n{members}\n}} }}\n"
                                     "world w { import i; import j; import k; export i; export j; export k; }\n")
    return out


def shape_world(name, wit):
    return f"""package corpus:{name}@1.0.0;

interface shapes {{{COMMON}
    record holder {{ before: u8, it: {wit}, after: u16 }}
    variant choice {{ none, it({wit}), other(u64) }}
    type alias = {wit};
    /// Gives it back.
    echo: func(it: {wit}) -> {wit};
    take: func(before: u8, it: {wit}, after: string);
    make: func() -> {wit};
    two: func(a: {wit}, b: {wit}) -> tuple<{wit}, {wit}>;
    hold: func(it: holder) -> holder;
    choose: func(it: choice) -> choice;
    many: func(it: list<{wit}>) -> list<{wit}>;
    maybe: func(it: option<{wit}>) -> option<{wit}>;
    attempt: func(it: result<{wit}, string>) -> result<{wit}, string>;
    aliased: func(it: alias) -> list<alias>;
    spread: func(a: u64, b: f32, c: {wit}, d: f64, e: s8, f: string, g: {wit}, h: list<{wit}>, i: point, j: u32, k: u32,
        l: bool, m: char);
}}

world {name} {{
    import shapes;
    export shapes;
}}
"""


def borrow_world(name, wit):
    return f"""package corpus:{name}@1.0.0;

interface shapes {{{COMMON}
    record holder {{ before: u8, it: {wit}, after: u16 }}
    variant choice {{ none, it({wit}), other(u64) }}
    take: func(before: u8, it: {wit}, after: string) -> u32;
    hold: func(it: holder) -> string;
    choose: func(it: choice) -> result<string, u8>;
    many: func(it: list<{wit}>);
    spread: func(a: u64, b: f32, c: {wit}, d: f64, e: s8, f: string, g: {wit}, h: list<{wit}>, i: point, j: u32, k: u32,
        l: bool, m: char);
}}

interface other {{
    use shapes.{{thing, holder}};
    look: func(it: borrow<thing>, at: holder) -> thing;
}}

world {name} {{
    import shapes;
    import other;
    export look: func(it: u32) -> string;
}}

world {name}-both {{
    import shapes;
    export shapes;
    export other;
}}

world {name}-uses {{
    export other;
}}
"""


def keyword_world(name, words):
    words = words.split()
    bar = lambda make: ", ".join(make(i, w) for i, w in enumerate(words))
    funcs = "\n".join(f"    %{w}: func(%{w}: u32, a{i}: string) -> u32;" for i, w in enumerate(words))
    methods = "\n".join(f"        %{w}: func(%{'me' if w == 'self' else w}: u32) -> u32;" for w in words)
    types = "\n".join(f"    record %{w} {{ %{w}: u32, b{i}: string }}" for i, w in enumerate(words))
    variants = "\n".join(f"    variant %{w} {{ %{w}(u32), b{i} }}" for i, w in enumerate(words))
    enums = "\n".join(f"    enum %{w} {{ %{w}, b{i} }}" for i, w in enumerate(words))
    fields = bar(lambda i, w: f"%{w}: u8")
    cases = bar(lambda i, w: f"%{w}({PRIMS[i % len(PRIMS)]})")
    labels = ", ".join("%" + w for w in words)
    flag_labels = ", ".join("%" + w for w in words[:32])
    uses_of_types = "\n".join(f"    use-{w}: func(a: %{w}) -> %{w};" for w in words)
    return {
        f"{name}-functions": f"interface i {{\n{funcs}\n}}\nworld w {{ import i; export i; }}",
        f"{name}-types": f"interface i {{\n{types}\n{uses_of_types}\n}}\nworld w {{ import i; export i; }}",
        f"{name}-variants": f"interface i {{\n{variants}\n{uses_of_types}\n}}\nworld w {{ import i; export i; }}",
        f"{name}-enums": f"interface i {{\n{enums}\n{uses_of_types}\n}}\nworld w {{ import i; export i; }}",
        f"{name}-members": f"interface i {{ record r {{ {fields} }} variant v {{ {cases} }} enum e {{ {labels} }} "
                           f"flags f {{ {flag_labels} }} go: func(r: r, v: v, e: e, f: f) -> tuple<r, v, e, f>; }}\n"
                           f"world w {{ import i; export i; }}",
        f"{name}-methods": f"interface i {{ resource r {{\n        constructor(%{words[0]}: string);\n{methods}\n    }}\n"
                           f"    go: func(r: r) -> r; }}\nworld w {{ import i; export i; }}",
        f"{name}-resources": "interface i {\n" +
                             "\n".join(f"    resource %{w} {{ constructor(); go: func() -> %{w}; }}" for w in words[:12]) +
                             "\n}\nworld w { import i; export i; }",
        f"{name}-interfaces": "\n".join(f"interface %{w} {{ record r {{ a: string }} %{w}: func(a: r) -> r; }}" for w in words) +
                              "\nworld the-world {\n" + "\n".join(f"    import %{w};\n    export %{w};" for w in words) + "\n}",
        f"{name}-world-items": "world the-world {\n" +
                               "\n".join(f"    import %{w}: func(%{w}: string) -> u32;\n    export %{w}: func(%{w}: string) -> u32;" for w in words) + "\n}",
        f"{name}-inline": "world the-world {\n" +
                          "\n".join(f"    import %{w}: interface {{ go: func(a: string) -> string; }}\n"
                                    f"    export %{w}: interface {{ go: func(a: string) -> string; }}" for w in words) + "\n}",
    }


LIBC = """sin cos pow exp log fmod sqrt floor fma memset memcpy memmove memcmp malloc free calloc realloc strlen abort exit
    read write open close time printf"""

def namesake_worlds(names):
    """Worlds whose files and symbols have namesakes among headers, support files and what the C library declares."""
    return "\n".join(f"""world %{name} {{
    record align {{ a: string }}
    type fast8 = u16;
    enum atomic {{ max, min }}
    import alloc: func(a: list<align>) -> string;
    import exit: func(a: fast8, b: atomic);
    import pointer: func(a: string) -> u32;
    export f: func(a: list<string>) -> string;
    export i: interface {{ record r {{ a: string }} f: func(a: r) -> r; }}
}}""" for name in names)


OTHERS = {
    "header-names": namesake_worlds("guest stdint string time tenon-guest max".split()),
    "header-names-more": namesake_worlds("""math stdlib stddef stdbool tenon-guest-rt small-malloc quick aligned int sig uint
        memory errno limits main""".split()),
    # Types of the world's own that hold what interfaces after them define; results whose parts are an imported interface's.
    "world-handles": """interface types { resource file { read: func() -> list<u8>; } record image { f: file, data: list<u8> }
    variant pick { a(image), b } type files = list<file>; type images = list<image>; type m = map<string, image>; type fixed = list<image, 2>; type name = string; }
interface api { use types.{file, image, files, images, m, pick, fixed, name}; a: func() -> list<file>; b: func() -> files; c: func() -> list<image>;
    d: func() -> images; e: func() -> list<files>; f: func() -> m; g: func() -> map<u32, files>; h: func(n: name) -> pick; i: func() -> option<images>;
    j: func() -> fixed; k: func() -> result<images, pick>; l: func(a: images, b: pick) -> tuple<images, list<name>>; }
world world-handles { use types.{file, image, pick, files, images, m}; type handle = own<file>; record holder { f: file, i: image } variant v { f(file), g(list<file>), h(handle) }
    import types; import api; import open: func(f: holder) -> v; export run: func(h: holder, v: v, x: borrow<file>) -> list<image>; export run2: func() -> list<pick>;
    export e: interface { use types.{file, image, files, images, pick}; a: func() -> list<file>; b: func() -> files; c: func() -> list<image>; d: func() -> images; h: func() -> pick; }
    export run3: func() -> list<list<image>>; export run4: func() -> option<images>; export run5: func() -> files; export run6: func() -> m; }
world both { import types; import api; export api; export types; }
world exporting { export api; }""",
    # An interface that has nothing but what it uses.
    "only-uses": """interface types { resource file { read: func() -> u8; } record image { f: file } }
interface names { use types.{file, image}; type handle = own<file>; }
interface api { use names.{file, image}; open: func(a: image) -> file; }
world only-uses { import names; import api; export run: func() -> u8; }
world exporting { export names; export api; }""",
    # Names that C makes of several: handles, helpers, entries of maps, what frees an alias.
    "c-helpers": """interface i { resource r { constructor(); drop-own: func(); } resource own-r { constructor(); } resource borrow-r { constructor(); }
    record %own { r: r } record own-own-r { a: own-r } record r-drop-own { a: string } r-new: func() -> r; borrow-r2: func(); own-s: func();
    type s = string; type s2 = s; type lists = list<s2>; record s-free { a: s2 } s2-free: func(); record entry { a: u8 } type m = map<string, list<entry>>;
    record m-entry { m: m } f: func(a: m, b: map<u32, string>, c: s2, d: lists) -> map<string, map<u32, m-entry>>; }
world c-helpers { import i; export i; }
world exporting { export i; use i.{s2}; type mine = s2; record again { a: mine } export g: func(a: again) -> mine; }""",
    "empty": "world empty {}",
    "only-imports": "interface i { f: func(a: list<string>) -> string; } world only-imports { import i; }",
    "only-exports": "interface i { f: func(a: list<string>) -> string; } world only-exports { export i; }",
    "world-functions": "world world-functions { import log: func(line: string); import add: func(a: u32, b: u32) -> u32; "
                       "export run: func(args: list<string>) -> result<_, string>; export init: func(); }",
    "world-types": "world world-types { record point { x: f32, y: f32 } enum side { left, right } variant v { a(point), b(side) } "
                   "type points = list<point>; import move: func(p: point, by: points) -> v; export turn: func(v: v, s: side) -> points; }",
    "world-use": "interface types { record image { width: u32, data: list<u8> } resource file { read: func() -> image; } } "
                 "world world-use { use types.{image, file}; import load: func(f: borrow<file>) -> image; export show: func(i: image, f: file) -> option<file>; }",
    "world-resource": "world world-resource { resource log { constructor(name: string); write: func(line: string); all: static func() -> list<log>; } "
                      "import open: func(name: string) -> log; export run: func(to: borrow<log>) -> u32; }",
    "same-names": "\n".join(f"interface i{n} {{ record point {{ x: u{b} }} enum color {{ red }} resource r {{ constructor(); go: func(p: point) -> color; }} "
                            f"run: func(p: point, c: color) -> list<point>; }}" for n, b in ((1, 8), (2, 16), (3, 32))) +
                  "\nworld same-names { import i1; import i2; import i3; export i1; export i2; export i3; }",
    "use-chain": "interface a { record t { x: string } resource r { f: func() -> t; } } interface b { use a.{t, r}; type u = t; f: func(t: t, r: borrow<r>) -> u; } "
                 "interface c { use b.{u, t as t2, r as r2}; g: func(u: u, t: t2, r: r2) -> list<r2>; } world use-chain { import c; export b; } world use-all { export a; export b; export c; } "
                 "world use-some { export c; import a; }",
    "implicit-import": "interface types { record image { width: u32, height: u32, data: list<u8> } enum format { jpeg, png, webp } "
                       "variant resize-error { invalid-size(string), unsupported-format } } interface processor { use types.{image, format, resize-error}; "
                       "resize: func(src: image, width: u32, height: u32, format: format) -> result<image, resize-error>; } world image-processor { export processor; }",
    "self-named": "interface point { record point { point: f64 } variant error { error(string), point(point) } enum color { color } flags flag { flag } "
                  "resource canvas { constructor(canvas: string); draw: func(canvas: u32) -> u32; } point-of: func(point: point) -> result<point, error>; } world point-world { import point; export point; }",
    "deep": "interface i { type t0 = u8; " + " ".join(f"record t{n} {{ a: t{n-1}, b: list<t{n-1}>, c: option<t{n-1}> }}" for n in range(1, 8)) +
            " f: func(t: t7) -> list<t7>; } world deep { import i; export i; }",
    "deep-anonymous": "interface i { f: func(a: " + "list<option<result<tuple<u8, " * 4 + "string" + ">, string>>>" * 4 + ") -> " +
                      "option<" * 6 + "u8" + ">" * 6 + "; } world deep-anonymous { import i; export i; }",
    "big-enum": "interface i { enum e { " + ", ".join(f"c{n}" for n in range(300)) + " } f: func(e: e, l: list<e>) -> option<e>; } world big-enum { import i; export i; }",
    "big-variant": "interface i { variant v { " + ", ".join(f"c{n}({PRIMS[n % 13]})" for n in range(40)) + " } f: func(v: v) -> list<v>; } world big-variant { import i; export i; }",
    "flag-sizes": "interface i { " + " ".join(f"flags of{n} {{ {', '.join(f'b{i}' for i in range(n))} }}" for n in (1, 7, 8, 9, 16, 17, 31, 32)) +
                  " f: func(a: of1, b: of8, c: of9, d: of16, e: of17, f: of32) -> list<of32>; g: func(a: of7) -> tuple<of31, of8>; } world flag-sizes { import i; export i; }",
    "big-record": "interface i { record r { " + ", ".join(f"x{n}: {PRIMS[n % 13]}" for n in range(60)) + " } f: func(r: r) -> r; g: func(a: r, b: string, c: r); } world big-record { import i; export i; }",
    "params-16": "interface i { f: func(" + ", ".join(f"a{n}: u32" for n in range(16)) + ") -> u32; g: func(" + ", ".join(f"a{n}: u32" for n in range(17)) +
                 ") -> u32; h: func(" + ", ".join(f"a{n}: string" for n in range(20)) + ") -> string; } world params { import i; export i; }",
    "joins": "interface i { variant v { a(f32), b(u32), c(f64), d(u64), e(tuple<f32, f64, u64, f32>), f(tuple<u64, f32, f32, u8>) } f: func(v: v) -> v; g: func(a: option<v>, b: result<v, v>) -> u8; } world joins { import i; export i; }",
    "resource-web": "interface i { resource a { constructor(b: borrow<b>); to-b: func() -> b; all: static func(x: list<borrow<a>>) -> list<b>; } "
                    "resource b { %from: static func(a: a) -> result<b, string>; pair: func(o: option<a>) -> tuple<a, b>; } record both { a: a, b: b } "
                    "variant either { a(a), b(b), many(list<both>) } swap: func(x: both) -> either; map-them: func(x: list<either>) -> list<both>; } world resource-web { import i; export i; }",
    "fallible-constructor": "interface i { resource r { constructor(name: string) -> result<r, string>; name: func() -> string; } } world fallible { import i; export i; }",
    "copy-constructor": "interface i { resource r { constructor(other: borrow<r>); } resource s { constructor(other: s); } } world copy-constructor { import i; export i; }",
    "unused-types": "interface i { record r { a: list<string> } variant v { a(r) } enum e { x } flags f { y } type l = list<v>; type t = tuple<r, l>; type o = option<e>; } world unused-types { import i; export i; }",
    "docs": "/// A package.\n\n/// The interface.\ninterface i {\n/// A record \\\nrecord r {\n/// A field. */ \"quoted\" \\\na: u32 }\n/// Does `it`.\n///\n/// Twice: ```wit\nf: func(r: r) -> r; }\n/// The world.\nworld docs { import i; export i; }",
    "upper-case": "interface i { record HTTP-request { URL: string, get-ID: u32 } enum E { NULL, EOF, a-B-c } get-HTTP: func(HTTP-R: HTTP-request) -> E; } world upper-CASE { import i; export i; }",
    "digits": "interface i { record v2-0-1 { a1: u8, a-2: u8, b-2c: u8 } f-1: func(a-1: v2-0-1, a2: u8) -> u8; f2: func() -> u8; } world digits { import i; export i; }",
    "no-version": None,
    "gates": "@since(version = 1.0.0)\ninterface i { @unstable(feature = x) f: func(); @deprecated(version = 1.0.0) @since(version = 1.0.0) g: func(); } @since(version = 1.0.0)\nworld gates { import i; }",
    "include-world": "interface i { f: func() -> string; } world base { import i; export run: func() -> u32; } world include-it { include base; export i; }",
    "many-results": "interface i { a: func() -> result; b: func() -> result<u8>; c: func() -> result<_, u8>; d: func() -> option<option<u8>>; e: func() -> result<option<string>, option<u64>>; "
                    "f: func() -> tuple<>; } world many-results { import i; export i; }".replace("f: func() -> tuple<>; ", ""),
    "calculator": "interface calculator { add: func(a: f64, b: f64) -> f64; divide: func(a: f64, b: f64) -> result<f64, string>; } world calculator-component { export calculator; }",
    "data-types": "interface operations { record point { x: f64, y: f64 } variant calculation-result { success(f64), error(string) } enum operation-type { add, subtract, multiply, divide } "
                  "calculate-batch: func(operations: list<operation-type>, values: list<point>) -> list<calculation-result>; } world data-types { export operations; }",
    "std-names": "interface std { record %string { std: list<u8> } record vector { a: u8 } variant optional { some(%string), none } f: func(a: %string, b: vector, c: optional) -> option<%string>; } world std-names { import std; export std; }",
    "rust-prelude": "interface i { record %option { a: u8 } record %result { a: %string } record %string { b: string } record vec { c: list<%string> } record box { d: %option } enum some { none } "
                    "f: func(a: %option, b: %result, c: %string, d: vec, e: box, g: some) -> result<%option, %string>; } world rust-prelude { import i; export i; }",
    # Exports and imports with the names of what every guest is linked with, and of what it exports for itself.
    "libc-names": "interface memory { memory: func() -> string; resource free { constructor(memset: string); malloc: func() -> free; } } world libc-names { " +
                  " ".join(f"import %{w}: func(a: f64, b: string) -> f64; export %{w}: func(a: f64, b: string) -> string;" for w in LIBC.split()) +
                  " export memory; } world own-export-names { import memory; export memory; export memory-of: interface { memory: func() -> u8; } "
                  "export %memory: func(memory: string) -> string; export initialize: func(); export start: func(); }",
    # Exported interfaces that use each other's types, several of them under two names.
    "exported-chain": "interface types { record inner { x: string } record outer { i: inner } resource r { constructor(i: inner); get: func() -> outer; } type handle = own<r>; type many = list<outer>; } "
                      "interface api { use types.{outer, many, r, handle}; f: func(o: outer, m: many) -> handle; g: func(r: borrow<r>) -> r; } "
                      "world exported-chain { export types; export api; export anon: interface { use types.{r, many as lots}; use api.{outer}; mk: func(l: lots) -> r; look: func(r: borrow<r>, o: outer) -> u32; } } "
                      "world exported-twice { export one: types; export types; export api; } "
                      "world imported-and-exported { use types.{r, outer}; import api; export types; export api; export pass: func(r: r, o: outer) -> r; }",
    # Each type holds the one before it several times: text, code and work must not grow as the values' parts do.
    "doubling-aliases": "interface i { type t0 = tuple<u8, u8>; " + " ".join(f"type t{n} = tuple<t{n-1}, t{n-1}>;" for n in range(1, 10)) +
                        " type many = list<t4>; record holder { a: t5, b: option<t5>, c: many } f: func(x: t9) -> t9; "
                        "g: func(a: list<t9>, b: option<t6>) -> result<t7, many>; h: func(a: holder, b: t3) -> list<holder>; } "
                        "world doubling-aliases { import i; export i; }",
    "doubling-records": "interface i { record t0 { a: u8, b: string } " + " ".join(f"record t{n} {{ a: t{n-1}, b: t{n-1} }}" for n in range(1, 8)) +
                        " f: func(x: t7) -> t7; g: func(x: list<t7>) -> option<t4>; } world doubling-records { import i; export i; }",
    "nested-variants": "interface i { variant v0 { " + ", ".join(f"c{n}(u8)" for n in range(16)) + " } " +
                       " ".join(f"variant v{v} {{ {', '.join(f'c{n}(v{v-1})' for n in range(16))} }}" for v in range(1, 4)) +
                       " f: func(x: v3) -> v3; g: func(x: list<v3>) -> option<v2>; } world nested-variants { import i; export i; }",
    "map-keys": "interface i { f: func(a: map<u8, string>, b: map<char, u64>, c: map<bool, list<u8>>, d: map<s64, map<string, string>>) -> map<string, option<u32>>; } world map-keys { import i; export i; }",
    # What the generators of C++ put beside a world's names: members of handle classes, arguments, locals.
    "names-of-cpp": """interface i { type a = list<string>; type b = list<u8>; type handle = u32; type object = u32; flags perms { read, write }
    resource make { constructor(a: string); m: func(make: u8, get: u8) -> u8; get: static func() -> make; drop: func(); }
    resource get { constructor(a: string); m: func(get: borrow<make>, %own: u8, group: u8) -> u8; make: static func() -> result<get>; }
    resource drop { constructor(drop: s32) -> result<drop>; x: func(x: s32) -> u32; release: func(); }
    resource adopt { a: static func(adopt: u32); how: func(handle: u32, how: u32); handle-of: func() -> u32; take: func(); }
    resource %own { x: func(%own: borrow<%own>); } resource group { x: func(%own: borrow<%own>, group: u32); }
    resource store { s: func(store: borrow<store>); m: func(store: borrow<%own>, %own: u32); }
    resource find { constructor(find: s32) -> result<find>; m: func(find: borrow<find>) -> option<find>; f: func(p: perms, find: u32); }
    resource construct { constructor(construct: s32) -> result<construct>; c: func(x: s32) -> u32; }
    make-handle: func(make-handle: make); f: func(a: a, b: b, self: perms); }
interface i2 { type a0 = list<string>; type a1 = a0; type p0 = a0; type store = u32; flags f { x, y }
    resource r { constructor(a0: a0, p0: p0); x: func(a0: a0, a1: a1, store: store); y: static func(a0: string, a1: a0); }
    g: func(a: string, b: a0, c: store); h: func(a: f) -> f; }
world w { type a = u32; type b = list<string>; type a2 = list<string>; import i; export i; import i2; export i2;
    import f: func(a: string, b: string, c: string, d: a2); export g: func(a0: string, a2: a2); }""",
    # Variables and types that the C library declares at global scope, as parameters and fields.
    "names-of-libc": """interface i { record q { uint8-t: u8, x: u8, size-t: u32, y: u64, timezone: u32, z: u8 }
    variant v { uint8-t(u8), x(u8), size-t(string) } h: func(q: q, v: v) -> q;
    f: func(size-t: u32, timezone: u32, environ: string, time-t: option<u32>, uint: u8, fd-set: u8, int-fast8-t: u8) -> u32;
    resource x { m: func(size-t: u32, timezone: u32, environ: string, optarg: string, time-t: u32, uint8-t: u8, x: u8); } }
world w { import i; export i; import timezone: func(timezone: u32) -> u32;
    export f: func(size-t: u32, timezone: u32, environ: string, optarg: string, time-t: u32) -> u32; }""",
}

VERSIONS = """package corpus:versions@1.0.0;
world versions {
    import dep:lib/things@1.0.0;
    import dep:lib/things@2.0.0;
    export dep:lib/things@1.0.0;
    export dep:lib/things@2.0.0;
}
package dep:lib@1.0.0 { interface things { record t { a: u8 } f: func(t: t) -> t; } }
package dep:lib@2.0.0 { interface things { record t { a: string } resource r { f: func() -> t; } f: func(t: t) -> option<t>; } }
"""

# Versions that a language spells alike.
VERSIONS_ALIKE = """package corpus:versions-alike@1.0.0;
world versions-alike {
    import dep:lib/i@1.0.0-alpha.1;
    import dep:lib/i@1.0.0-alpha1;
    import dep:lib/i@1.0.0+alpha.1;
    export dep:lib/i@1.0.0-alpha.1;
    export dep:lib/i@1.0.0-alpha1;
    export dep:lib/i@1.0.0+alpha.1;
}
package dep:lib@1.0.0-alpha.1 { interface i { record r { a: u8 } resource h { f: func() -> r; } f: func(r: r) -> r; } }
package dep:lib@1.0.0-alpha1 { interface i { record r { b: string } resource h { f: func() -> r; } f: func(r: r) -> r; } }
package dep:lib@1.0.0+alpha.1 { interface i { record r { c: char } resource h { f: func() -> r; } f: func(r: r) -> r; } }
"""

HOSTILE = {
    # What the generators themselves put beside a user's names.
    "hostile-helpers": """package corpus:hostile-helpers@1.0.0;
interface i {
    resource r { constructor(); go: func() -> u32; make: static func() -> r; get: func() -> r; drop: func(); rep: func();
        handle: func() -> u32; release: func(); adopt: static func(r: r) -> r; self-r: func(r: u32) -> u32; new: static func() -> r; clone: func() -> r; }
    resource r-borrow { constructor(); }
    resource guest-r { constructor(); guest: func(); }
    resource guest { constructor(); }
    record own-r { %own: own<r>, borrow-r: u8 }
    record borrow-r { x: u8 }
    record list-string { l: list<string> }
    record option-string { o: option<string>, is-some: bool, val: u8 }
    record %string { s: list<string>, ptr: u8, len: u8 }
    record tuple2-u8-u8 { t: tuple<u8, u8>, f0: u8 }
    enum e { a-b, c }
    enum e-a { b, b-c }
    flags e-f { a-b, empty, all, bits, contains, from-bits }
    variant v { tag(u8), val(string), index, value, base, visit(list<string>) }
    v-free: func(v: v) -> v;
    v-tag: func(v: v);
    method-r-go: func(r: borrow<r>);
    static-r-make: func();
    constructor-r: func();
    r-new: func() -> r;
    r-rep: func(r: r);
    r-drop-own: func(r: r);
    list-string-free: func(l: list<string>, o: option<string>, t: tuple<u8, u8>);
    string-set: func(s: string) -> %string;
    functions: func(); find: func(); add-to-linker: func(linker: u8, host: u8, define: u8);
    out: func(out: u8, store: u8, instance: u8, find: u8);
    go: func(o: own-r, b: borrow-r, e: e, a: e-a, f: e-f) -> option-string;
}
world hostile-helpers { import i; export i; }""",
    "hostile-namespaces": """package std:tenon@1.0.0;
interface in-std { record std { std: string } in-std: func(std: std) -> std; }
interface in-tenon { use in-std.{std}; record tenon { guest: std } guest: func(a: tenon) -> result<tenon, std>; }
interface in-exports { record exports { a: list<u8> } types: func(e: exports) -> option<exports>; }
interface in-world { resource %world { constructor(a: u8); bind: func() -> %world; } instantiate: func(w: %world) -> list<%world>; }
interface rt { record the-rt { a: map<string, string> } rt-of: func(r: the-rt) -> the-rt; }
interface runtime { record members { a: u8 } bindings: func(m: members) -> members; }
world std { import in-std; import in-tenon; import in-exports; import in-world; import rt; import runtime;
    export in-std; export in-tenon; export in-exports; export in-world; export rt; export runtime;
    import f: func(a: string) -> string; export bind: func() -> u8; export instantiate: func() -> u8; export %world: func() -> u8; }
world tenon { import in-tenon; export in-tenon; import std: interface { tenon: func(); }  export std: interface { tenon: func(); } }
world exports { import in-exports; export in-exports; import exports: interface { exports: func(); } export tenon: interface { std: func() -> string; } }
world %world { import in-world; export in-world; export %world: interface { %world: func(); } }
world main { import in-std; export in-std; export main: func() -> u32; }
world int { import rt; export rt; export int: func(int: u32) -> u32; }""",
    "hostile-exports-package": """package exports:exports@1.0.0;
interface exports { record exports { a: string } in-exports: func(t: exports) -> exports; }
interface super { record %self { %self: u8 } crate: func(a: %self) -> %self; }
world crate { import exports; import super; export exports; export super; }""",
    "hostile-world-package": """package %world:functions@1.0.0;
interface functions { record functions { find: u8 } resource find { constructor(find: u8); find-it: func(functions: u8) -> find; } world: func(f: functions) -> find; }
interface find { use functions.{find as found}; functions: func(f: found); }
world hostile-world-package { import functions; import find; export functions; export find; export functions-of: func(find: u8) -> string; }""".replace("world: func(f", "%world: func(f"),
    # Names that differ in WIT and become one where an interface, a resource and a function are joined.
    "hostile-folding": """package corpus:hostile-folding@1.0.0;
interface i {
    record foo-bar1 { a-b1: u8, a-b-2: u8, ab-3: u8 }
    record foo-bar2 { a1-b: string, x: foo-bar1 }
    enum sides { up-1, up2, u-p3 }
    flags marks { up-1, up2, u-p3 }
    variant choice { up-1(u8), up2(string), u-p3 }
    resource a { constructor(); b-c: func(); b: static func() -> a; }
    resource a-b { constructor(a-1: u8, a2: u8); c: func(); d: static func() -> a-b; }
    a-b-c: func(a-1: foo-bar1, a2: foo-bar2) -> foo-bar2;
    method-a-b-c: func(a: sides, b: marks, c: choice) -> choice;
    static-a-b: func(x: a, y: a-b);
    constructor-a: func();
}
interface i-a { b-c: func(); }
interface i-a-b { c: func(); }
world hostile-folding { import i; import i-a; import i-a-b; export i; export i-a; export i-a-b; import i-a-b-c: func(); export i-a-b-c: func(); }""",
    # One function name in many places: in C++ these would be overloads.
    "hostile-overloads": """package corpus:hostile-overloads@1.0.0;
interface a { record t { a: u8 } resource go { constructor(go: u8); run: func(run: t) -> go; } run: func(t: t) -> t; open: func(a: u8) -> go; }
interface b { use a.{t, go}; run: func(t: list<t>) -> t; open: func(a: string) -> go; }
interface c { record t { a: string } run: func(t: t); open: func(); }
world hostile-overloads { import a; import b; import c; export a; export b; export c;
    import run: func(a: u8); import open: func(a: string); export run: func(a: string) -> string; export open: func(a: u8) -> u8; }""",
}


def wasi():
    """The packages of WASI 0.2.12, and a world that imports and exports every interface of theirs."""
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "wit", "wasi", "0.2.12")
    files = {}
    ids = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            files[name] = f.read()
        package = re.search(r"^package ([a-z:-]+)@([0-9.]+);", files[name], re.M)
        ids += [f"{package[1]}/{one}@{package[2]}" for one in re.findall(r"^interface ([a-z0-9-]+)", files[name], re.M)]
    both = "\n".join(f"    import {one};\n    export {one};" for one in ids)
    files["all.wit"] = f"package corpus:wasi@1.0.0;\n\nworld everything {{\n{both}\n}}\n"
    return files


# What `make test` compiles.
CHOSEN = ["list-wide", "result-list", "tuple-long", "tuple-one", "map-record", "fixed-record", "list-own", "list-borrow",
          "keywords-cpp-members", "keywords-rust-types", "keywords-c-functions", "keywords-cpp-interfaces", "same-names",
          "use-chain", "resource-web", "versions", "self-named", "hostile-helpers", "hostile-namespaces", "libc-names",
          "exported-chain", "header-names", "world-handles", "c-helpers",
          "hostile-packages-0", "hostile-worlds-0", "hostile-types-0", "versions-alike", "only-uses", "doubling-aliases",
          "nested-variants"]


def worlds():
    out = {}
    for name, wit in SHAPES:
        out[name] = shape_world("s-" + name, wit)
    for name, wit in BORROWS:
        out[name] = borrow_world("s-" + name, wit)
    for language, words in KEYWORDS.items():
        for name, text in keyword_world("keywords-" + language, words).items():
            out[name] = f"package corpus:{name}@1.0.0;\n\n{text}\n"
    for name, text in OTHERS.items():
        if text is not None:
            out[name] = f"package corpus:{name}@1.0.0;\n\n{text}\n"
    out.update(hostile_worlds(HOSTILE_WORDS))
    for language, words in KEYWORDS.items():
        for name, text in hostile_worlds(words).items():
            out[name.replace("hostile-", f"hostile-{language}-")] = text.replace("corpus:hostile-", f"corpus:hostile-{language}-")
    out["no-version"] = "package corpus:no-version;\ninterface i { f: func() -> string; } world no-version { import i; export i; }\n"
    out["versions"] = VERSIONS
    out["versions-alike"] = VERSIONS_ALIKE
    out.update(HOSTILE)
    out["wasi"] = wasi()
    return out


def write(folder, name, world):
    """Writes a world: a file, or a folder of packages. Returns its path."""
    if isinstance(world, dict):
        path = os.path.join(folder, name)
        os.makedirs(path, exist_ok=True)
        for file, text in world.items():
            with open(os.path.join(path, file), "w", encoding="utf-8") as f:
                f.write(text)
        return path
    path = os.path.join(folder, name + ".wit")
    with open(path, "w", encoding="utf-8") as f:
        f.write(world)
    return path


def main():
    out, names = sys.argv[1], sys.argv[2:]
    os.makedirs(out, exist_ok=True)
    for name, text in worlds().items():
        if names and name not in (CHOSEN if names == ["--chosen"] else names):
            continue
        write(out, name, text)


if __name__ == "__main__":
    main()
