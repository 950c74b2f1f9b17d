#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""User's classes whose functions could be called, but would lose values: `wrong_signatures.py BINDGEN_GENERATE DIR`.

A static assertion refuses each, spells the line to write and shows what was found. What fits without loss is taken.
So it is with the arguments that a host gives a component's function.
A host that drops what a generated function returns is warned.
"""
import os
import re
import shutil
import subprocess
import sys

WIT = """package test:wrong@1.0.0;
interface i {
    record p { x: f64 }
    resource r { constructor(n: u32); get: func(a: u64) -> u32; make: static func(n: u64) -> r; }
    size: func(n: u64) -> u64;
    scale: func(f: f64) -> f64;
    ok: func(s: string) -> bool;
    flag: func(b: bool);
    letter: func(c: char) -> char;
    maybe: func(a: option<u64>) -> option<u64>;
    attempt: func(a: u32) -> result<u64, string>;
    pair: func(a: tuple<u64, string>) -> tuple<u64, u8>;
    items: func(a: list<string>, p: p) -> u32;
    none: func() -> u8;
}
world guest-side { export i; }
world host-side {
    import i;
    use i.{r};
    export look: func(a: borrow<r>, names: list<string>, all: list<u32>) -> u32;
    export plugin: interface { resource s { constructor(); step: func(); } tick: func(n: u32) -> u32; }
    export big: func(a: u64) -> u64;
    export small: func(a: s8, b: f32);
    export check: func(a: bool);
    export spell: func(a: char);
    export perhaps: func(a: option<u64>, b: option<bool>);
    export named: func(a: id);
    type id = u32;
}
"""

# (wanted line, what is found, wrong member). `{r}` is what a static function or constructor is called.
WRONG = [
    ("std::uint64_t size(std::uint64_t n)", r"int \((\*|[\w:]*Host::\*|Host::\*)\)\(int\)", "static int size(int n) { return n; }"),
    ("double scale(double f)", r"int \(.*\)\(double\)", "static int scale(double f) { return static_cast<int>(f); }"),
    ("bool ok(std::string s)", r"const char ?\* ?\(.*\)\(", "static const char* ok(const std::string&) { return \"x\"; }"),
    ("void flag(bool b)", r"void \(.*\)\(const char ?\*\)", "static void flag(const char*) {}"),
    ("char32_t letter(char32_t c)", r"char \(.*\)\(char\)", "static char letter(char c) { return c; }"),
    ("std::optional<std::uint64_t> maybe(std::optional<std::uint64_t> a)", r"std::optional<int> \(.*\)\(std::optional<int>\)",
     "static std::optional<int> maybe(std::optional<int> a) { return a; }"),
    ("std::expected<std::uint64_t, std::string> attempt(std::uint32_t a)", r"std::expected<int, .*> \(.*\)\(unsigned int\)",
     "static std::expected<int, std::string> attempt(std::uint32_t) { return 1; }"),
    ("std::tuple<std::uint64_t, std::uint8_t> pair(", r"std::tuple<.*, int> \(",
     "static std::tuple<std::uint64_t, int> pair(const std::tuple<std::uint64_t, std::string>&) { return {1, 2}; }"),
    ("std::uint32_t items(std::vector<std::string> a,", r"unsigned int \(.*\)\(bool, ", "static std::uint32_t items(bool, {p}) { return 1; }"),
    ("std::uint8_t none()", r"int \(.*\)\((void)?\)", "static int none() { return 1; }"),
]
RIGHT = """
  static std::uint32_t size(std::uint64_t n) { return static_cast<std::uint32_t>(n); }
  static float scale(double f) { return static_cast<float>(f); }
  static bool ok(std::string_view s) { return s.empty(); }
  static void flag(int b) { static_cast<void>(b); }
  static char32_t letter(std::uint32_t c) { return static_cast<char32_t>(c); }
  static std::uint64_t maybe(const std::optional<std::uint64_t>& a) { return a.value_or(0); }
  static std::expected<std::uint8_t, const char*> attempt(std::int64_t a) { return static_cast<std::uint8_t>(a); }
  static std::pair<std::uint32_t, bool> pair(std::tuple<std::uint64_t, std::string>&& a) { return {static_cast<std::uint32_t>(std::get<0>(a)), true}; }
  template <class T> static std::uint32_t items(const T& a, const {p}&) { return static_cast<std::uint32_t>(a.size()); }
  static std::uint8_t none(int more = 1) { return static_cast<std::uint8_t>(more); }
"""
GUEST_P = "::guest_side::exports::test::wrong::i::p"
GUEST_R = "::guest_side::exports::test::wrong::i::r"
HOST_P = "::host_side::test::wrong::i::p"
HOST_R = "::host_side::test::wrong::i::r"
# Calls whose results must not be dropped, one for each kind of function that is generated.
DROPPED = [
    "world.look(lent, {}, {})", "world.plugin.tick(1)", "world.plugin.s.construct()", "own.step()",
    "host_side::exports::plugin::functions::find(store, instance)", "host_side::world::bind(store, instance)",
    "host_side::world::instantiate(store, component, linker)", "host_side::world::instantiate(store, component, host)",
    "host_side::add_world_to_linker(changed, host)", "host_side::add_world_to_linker(changed, find)",
    "host_side::add_world_to_linker(changed, +find)", "host_side::add_world_to_linker<Host>(changed)",
    "host_side::test::wrong::i::add_to_linker(changed, host)", "host_side::test::wrong::i::add_to_linker(changed, find)",
    "host_side::test::wrong::i::add_to_linker(changed, +find)", "host_side::test::wrong::i::add_to_linker<Host>(changed)",
]
# Arguments that C++ would convert, though they are of another kind; what the static assertion says to write.
CUT, NUMBER, LETTER = "static_cast<std::int64_t>(value)", "value ? 1 : 0", "static_cast<unsigned char>(value)"
TRUTH, CHAR = "value != 0` or `pointer != nullptr", "write `U'x'`, or `static_cast<char32_t>(value)`"
WRONG_CALLS = [
    ("world.big(5.7)", CUT), ("world.big(5.7F)", CUT), ("world.big(true)", NUMBER), ("world.big('a')", LETTER),
    ("world.big(U'a')", LETTER), ("world.big(bits[0])", NUMBER), ("world.named(1.0)", CUT), ("world.small(1.5, 1)", CUT),
    ("world.small(1, true)", NUMBER), ("world.small(1, 'a')", LETTER), ("world.check(\"no\")", TRUTH),
    ("world.check(&world)", TRUTH), ("world.check(1)", TRUTH), ("world.check(0.5)", TRUTH), ("world.check(Number())", TRUTH),
    ("world.check(start)", TRUTH), ("world.check(Plain::one)", TRUTH), ("world.spell(65)", CHAR), ("world.spell(true)", CHAR),
    ("world.spell(6.5)", CHAR), ("world.perhaps(5.7, true)", CUT), ("world.perhaps(std::optional<double>(5), true)", CUT),
    ("world.perhaps(true, true)", NUMBER), ("world.perhaps(1, \"no\")", TRUTH), ("world.perhaps(1, 1)", TRUTH),
    ("world.plugin.tick(1.5)", CUT), ("function(1.5)", CUT), ("function.call(store, true)", NUMBER),
    ("function.call_view('a')", LETTER),
]
RIGHT_CALLS = [
    "world.big(5)", "world.big(narrow)", "world.big({})", "world.big({5})", "world.big(bits.size())", "world.big(Number())",
    "world.big(Plain::one)", "world.big(atomic)", "world.big(Static::only)", "world.named(7)", "world.small(-1, 1.5)", "world.small(1, 2)",
    "world.check(true)", "world.check(narrow != 0)", "world.check(bits[0])", "world.check(std::true_type())", "world.spell(U'a')",
    "world.spell('a')", "world.perhaps(1, true)", "world.perhaps({}, std::nullopt)", "world.perhaps(narrow, bits[0])",
    "world.perhaps(std::optional<int>(1), std::optional<bool>(true))", "function(narrow)", "function.call(store, 5)", "function.call_view(5)",
]


def calls(lines):
    """A host that calls, each time on a line of its own; and the number of the first of these lines."""
    text = """#include <atomic>
""" + host(RIGHT, "std::uint64_t") + """
struct Number { operator std::uint32_t() const { return 1; } };
struct Static { static const int only = 1; };
namespace Plain { enum Plain { one }; }
void call_all(const host_side::world& world, tenon::Store& store, const tenon::TypedFunc<std::uint32_t(std::uint64_t)>& function,
              std::uint8_t narrow, const std::vector<bool>& bits, const std::atomic<int>& atomic) {
"""
    return text + "".join(f"  static_cast<void>({line});\n" for line in lines) + "}\n", text.count("\n") + 1


def check_calls(name, command, folder):
    """Whether what fits is taken, and each wrong argument is refused with the words for it."""
    code, output = compile_text([*command, "-Werror"], folder, f"{name}_right_calls.cpp", calls(RIGHT_CALLS)[0])
    if code != 0:
        print(f"{name}: arguments that fit are refused\n{output[:4000]}")
        return False
    good = True
    for line, wanted in WRONG_CALLS:
        text, first = calls([line])
        code, output = compile_text(command, folder, f"{name}_wrong_call.cpp", text)
        if code == 0 or wanted not in output or f"_wrong_call.cpp:{first}:" not in output:
            print(f"{name}: `{line}` is not refused with `{wanted}`\n{output[:2000]}")
            good = False
    code, output = compile_text(command, folder, f"{name}_large.cpp", calls(["world.small(300, 1)"])[0])
    if code != 0 or not re.search(r"warning: .*(300|overflow)", output):
        print(f"{name}: a number too large for the parameter is no longer warned of\n{output[:2000]}")
        good = False
    return good


def guest(members, constructor, get):
    return f"""#include "guest_side.hpp"
struct Component {{
  struct r {{
    {constructor}
    {get}
    static {GUEST_R} make(std::uint64_t n) {{ return {GUEST_R}::make<r>(static_cast<std::uint32_t>(n)); }}
  }};
{members.replace("{p}", GUEST_P)}
}};
TENON_EXPORT_guest_side(Component);
"""


def host(members, constructor):
    return f"""#include "host_side_host.h"
struct object : {HOST_R} {{
  std::uint32_t get(std::uint64_t a) override {{ return static_cast<std::uint32_t>(a); }}
}};
struct Host {{
  std::unique_ptr<{HOST_R}> new_r({constructor}) {{ return std::make_unique<object>(); }}
  std::unique_ptr<{HOST_R}> r_make(std::uint64_t) {{ return std::make_unique<object>(); }}
{members.replace("{p}", HOST_P)}
}};
auto start(tenon::Store& store, const tenon::Component& component, Host& host) {{
  return host_side::world::instantiate(store, component, host);
}}
/// What is lent is given as it is, and lists in braces.
std::uint32_t use(const host_side::world& world, object& lent, const std::vector<std::string>& names) {{
  return world.look(lent, {{"a", "b"}}, {{1, 2, 3}}).value_or(0) + world.look(lent, names, {{}}).value_or(0);
}}
"""


def dropping():
    """A host that ignores results, each on a line of its own; and the number of the first of these lines."""
    text = host(RIGHT, "std::uint64_t") + """
void drop(const host_side::world& world, object& lent, tenon::Own<host_side::exports::plugin::s>& own, tenon::Store& store,
          const tenon::Component& component, const tenon::Instance& instance, Host& host, const tenon::Linker& linker,
          tenon::Linker& changed, Host& (*const find)(tenon::Store&)) {
"""
    return text + "".join(f"  {call};\n" for call in DROPPED) + "}\n", text.count("\n") + 1


def check_dropped(name, command, folder):
    """Whether each result that is ignored gives a warning, without any option."""
    text, first = dropping()
    code, output = compile_text(command, folder, f"{name}_dropped.cpp", text)
    if code != 0:
        print(f"{name}: a host that ignores results is not compiled\n{output[:4000]}")
        return False
    warned = {int(line) for line in re.findall(r"_dropped\.cpp:(\d+):\d+: warning: ignoring return", output)}
    silent = [call for line, call in enumerate(DROPPED, first) if line not in warned]
    for call in silent:
        print(f"{name}: no warning that the result of `{call}` is ignored")
    return not silent


def compile_text(command, folder, name, text):
    source = os.path.join(folder, name)
    with open(source, "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run([*command, "-fsyntax-only", "-std=c++23", source], capture_output=True, text=True)
    return done.returncode, done.stderr.replace("‘", "'").replace("’", "'")


def main():
    generator, work = sys.argv[1], sys.argv[2]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    clang, gcc = shutil.which("clang++-22") or shutil.which("clang++"), shutil.which("g++-12") or shutil.which("g++")
    if not clang:
        print("no clang++")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    with open(os.path.join(work, "wrong.wit"), "w", encoding="utf-8") as f:
        f.write(WIT)
    subprocess.run([generator, work, os.path.join(work, "wrong.wit")], check=True)
    in_guest = [clang, "--target=wasm32-wasi", "-Wno-deprecated", "-fno-exceptions", "-I" + os.path.join(work, "wrong/guest-side/cpp")]
    in_host = lambda cc: [cc, "-I" + os.path.join(work, "wrong/host-side/cpp-host"), "-isystem", root]
    wrong = "\n".join("  " + line for _, _, line in WRONG)
    cases = [("guest", in_guest, guest(RIGHT, "explicit r(std::uint64_t) {}",
                                      "std::uint16_t get(const std::uint64_t& a) const noexcept { return static_cast<std::uint16_t>(a); }"), False),
             ("guest", in_guest, guest(wrong, "explicit r(std::uint32_t) {}", "std::uint32_t get(std::uint64_t) { return 1; }"), True)]
    failed = 0
    code, text = compile_text(in_guest, work, "narrow_constructor.cpp", guest(RIGHT, "explicit r(std::uint16_t) {}", "std::uint32_t get(std::uint64_t) { return 1; }"))
    if code == 0 or "write `explicit r(std::uint32_t n)`" not in text:
        print("a constructor that takes less than it gets is not refused\n" + text)
        failed = 1
    code, text = compile_text(in_guest, work, "narrow_method.cpp", guest(RIGHT, "explicit r(std::uint32_t) {}", "int get(int) { return 1; }"))
    if code == 0 or "write `std::uint32_t get(std::uint64_t a)`" not in text or not re.search(r"int \(Component::r::\*\)\(int\)", text):
        print("a method that takes less than it gets is not refused\n" + text)
        failed = 1
    for cc in filter(None, (clang, gcc)):
        cases.append((os.path.basename(cc), in_host(cc), host(RIGHT, "std::uint64_t"), False))
        cases.append((os.path.basename(cc), in_host(cc), host(wrong, "std::uint32_t"), True))
        if not check_dropped(os.path.basename(cc), in_host(cc), work) or not check_calls(os.path.basename(cc), in_host(cc), work):
            failed = 1
    for name, command, text, is_wrong in cases:
        code, output = compile_text(command, work, f"{name}_{'wrong' if is_wrong else 'right'}.cpp", text)
        if not is_wrong:
            if code != 0:
                print(f"{name}: what fits is refused\n{output[:4000]}")
                failed = 1
            continue
        plain = output.replace("`::std", "`std").replace("(::std", "(std").replace("<::std", "<std").replace(" ::std", " std")
        for line, found, _ in WRONG:
            at = [one for one in re.split(r"\n(?=\S+: error: )", plain) if line in one]
            if not at:
                print(f"{name}: nothing refuses `{line}`")
                failed = 1
            elif not any(re.search(found, one) for one in at):
                print(f"{name}: what was found instead of `{line}` is not shown\n{at[0]}")
                failed = 1
    print("failed" if failed else f"{len(cases) + 2} programs, {len(WRONG)} wrong functions each; {len(DROPPED)} dropped results; "
          f"{len(WRONG_CALLS)} wrong arguments")
    return failed


if __name__ == "__main__":
    sys.exit(main())
