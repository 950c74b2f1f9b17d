// SPDX-License-Identifier: Apache-2.0
// Inputs made to hurt: they get clear errors, in linear time and without native recursion.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tenon/base/sanitizers.h"
#include "tenon/component/limits.h"
#include "tenon/wit/component_type.h"
#include "tenon/wit/fmt.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/to_component.h"

namespace tenon::wit {
namespace {

struct Outcome {
  bool resolved = false;
  std::string rule;
  std::string text;
};

Outcome load_outcome(std::string text) {
  SourceSet sources;
  Diagnostics diagnostics;
  Outcome out;
  out.resolved = load_text("test.wit", std::move(text), {}, sources, diagnostics).has_value();
  if (!diagnostics.all().empty()) {
    out.rule = diagnostics.all().front().rule().id;
    out.text = render(diagnostics.all().front(), sources);
  }
  return out;
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(WitHostile, TypesNestedAHundredThousandDeepAreRefused) {
  EXPECT_EQ(load_outcome("package a:b; interface i { type t = " + repeat("list<", 100'000) + "u8" +
                         repeat(">", 100'000) + "; }")
                .rule,
            rules::too_deep.id);
}

TEST(WitHostile, BracesNestedAHundredThousandDeepAreRefused) {
  EXPECT_FALSE(load_outcome("package a:b; " + repeat("interface i { ", 100'000)).resolved);
  EXPECT_FALSE(load_outcome("package a:b; " + repeat("{", 100'000)).resolved);
  EXPECT_FALSE(
      load_outcome("package a:b; interface i " + repeat("package a:b {", 100'000)).resolved);
}

/// Spellings of other languages are read on, and nest as deep as one likes.
TEST(WitHostile, ForeignTypesNestedAHundredThousandDeepAreRefused) {
  for (const char* piece : {"vec<", "func(x: ", "(", "[", "func(x: vec<(", "async func(x: "}) {
    EXPECT_FALSE(
        load_outcome("package a:b; interface i { f: func(x: " + repeat(piece, 100'000) + "; }")
            .resolved)
        << piece;
    EXPECT_FALSE(
        load_outcome("package a:b; interface i { f: func() -> " + repeat(piece, 100'000) + "; }")
            .resolved)
        << piece;
  }
}

// Each line was searched to the end of the file for a brace.
TEST(WitHostile, StatementsOfOtherLanguagesAreReadInOneGo) {
  for (const char* line :
       {"val x: Int\n", "fun add(a: Int): Int\n", "def f(a: int) -> int:\n  pass\n",
        "typedef struct x\n", "class P {\n int x;\n}\n"}) {
    EXPECT_FALSE(load_outcome("package a:b; interface i {\n" + repeat(line, 20'000) + "}").resolved)
        << line;
  }
}

TEST(WitHostile, CommentsNestedAHundredThousandDeepAreRead) {
  EXPECT_TRUE(load_outcome("package a:b; " + repeat("/*", 100'000) + repeat("*/", 100'000) +
                           " interface i {}")
                  .resolved);
  EXPECT_EQ(load_outcome("package a:b; " + repeat("/*", 100'000)).rule, rules::unclosed.id);
}

TEST(WitHostile, AChainOfTenThousandTypesIsResolved) {
  std::string text = "package a:b; interface i { type t0 = u8;";
  for (int i = 1; i < 10'000; ++i)
    text += "type t" + std::to_string(i) + " = t" + std::to_string(i - 1) + ";";
  const auto out = load_outcome(text + "}");
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, AChainOfTenThousandInterfacesIsResolved) {
  std::string text = "package a:b; interface i0 { type t = u8; }";
  for (int i = 1; i < 10'000; ++i)
    text += "interface i" + std::to_string(i) + " { use i" + std::to_string(i - 1) + ".{t}; }";
  const auto out = load_outcome(text);
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, ACircleOfAThousandInterfacesIsNamed) {
  std::string text = "package a:b;";
  for (int i = 0; i < 1000; ++i)
    text +=
        "interface i" + std::to_string(i) + " { use i" + std::to_string((i + 1) % 1000) + ".{t}; }";
  EXPECT_EQ(load_outcome(text).rule, rules::cycle.id);
}

TEST(WitHostile, ACircleOfAThousandPackagesIsNamed) {
  std::string text = "package a:b;";
  for (int i = 0; i < 1000; ++i)
    text += "package a:p" + std::to_string(i) + " { interface i { use a:p" +
            std::to_string((i + 1) % 1000) + "/i.{t}; } }";
  const auto out = load_outcome(text);
  EXPECT_EQ(out.rule, rules::cycle.id) << out.text;
}

TEST(WitHostile, AHundredThousandTypesTakeLinearTime) {
  std::string text = "package a:b; interface i {";
  for (int i = 0; i < 100'000; ++i) text += "record r" + std::to_string(i) + " { a: u8 }";
  const auto out = load_outcome(text + "}");
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, LineEndsOfWindowsAndAByteOrderMarkAreFine) {
  const auto out = load_outcome(
      "\xEF\xBB\xBFpackage a:b;\r\n/// docs\r\ninterface i {\r\n  f: func();\r\n}\r\n");
  EXPECT_TRUE(out.resolved) << out.text;
  Diagnostics diagnostics;
  EXPECT_EQ(format("\xEF\xBB\xBFpackage a:b;\r\n/// docs\r\ninterface i {\r\n  f: func();\r\n}\r\n",
                   0, diagnostics),
            "package a:b;\n/// docs\ninterface i {\n  f: func();\n}\n");
}

TEST(WitHostile, TextThatIsNotUtf8IsRefusedWhereItBreaks) {
  const auto out = load_outcome("package a:b;\n// \xC3\x28\n");
  EXPECT_EQ(out.rule, rules::bad_character.id);
  EXPECT_NE(out.text.find("test.wit:2:4"), std::string::npos) << out.text;
}

TEST(WitHostile, BidirectionalOverridesAreRefusedEverywhere) {
  EXPECT_EQ(load_outcome("package a:b; /* \u202e */").rule, rules::bad_character.id);
  EXPECT_EQ(
      load_outcome("package a:b; world w { @external-id(\"\u202e\") import x: func(); }").rule,
      rules::bad_character.id);
  EXPECT_EQ(load_outcome("package a:b; interface \u2066i {}").rule, rules::bad_character.id);
}

/// Under a sanitizer everything takes ten times as long.
#ifdef TENON_SANITIZED
constexpr int share = 10;
#else
constexpr int share = 1;
#endif

/// `count` times a text with a number in place of `#`.
std::string numbered(std::string_view text, int count) {
  std::string out;
  out.reserve((text.size() + 6) * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    for (const char c : text) {
      if (c == '#')
        out += std::to_string(i);
      else
        out += c;
    }
  }
  return out;
}

/// What it takes to load a text: seconds of CPU and, above what this process holds already, MiB.
struct Cost {
  double seconds = 0;
  double mib = 0;
  bool as_wanted = false;
};

rusage run_apart(bool (*run)(const std::string&), const std::string& text, bool& good) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run(text) ? 0 : 1);
  int status = 0;
  rusage usage{};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return usage;
}

/// In a process of its own, so that the kernel's figures are those of this text.
Cost cost_of(const std::string& text, bool (*run)(const std::string&)) {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  bool good = false;
  const rusage idle = run_apart([](const std::string&) { return true; }, text, good);
  const rusage busy = run_apart(run, text, good);
  return {seconds(busy.ru_utime) + seconds(busy.ru_stime),
          static_cast<double>(busy.ru_maxrss - idle.ru_maxrss) / 1024, good};
}

bool resolves(const std::string& text) {
  return load_outcome(text).resolved;
}

/// Under a sanitizer memory has shadows.
constexpr double shadow = share == 1 ? 1 : 6;

TEST(WitHostile, AMillionItemsTakeLinearTimeAndBoundedMemory) {
  const auto text = [](int count) {
    return "package a:b; interface i {" + numbered("fn#:func();", count / 2) +
           numbered("type t#=u8;", count / 2) + "}";
  };
  const Cost some = cost_of(text(250'000 / share), resolves);
  const Cost all = cost_of(text(1'000'000 / share), resolves);
  EXPECT_TRUE(some.as_wanted && all.as_wanted);
  EXPECT_LT(all.seconds, some.seconds * 12 + 0.5);  // four times as many
  EXPECT_LT(all.mib, 1000 * shadow);
  RecordProperty("seconds", std::to_string(all.seconds));
  RecordProperty("mib", std::to_string(all.mib));
}

TEST(WitHostile, FiftyMegabytesAreReadInBoundedMemory) {
  const std::string line = "/// what is said about it, at some length\n";
  const std::string text = "package a:b;\n" +
                           repeat(line, static_cast<int>(50'000'000 / line.size()) / share) +
                           "interface i {}";
  const Cost cost = cost_of(text, resolves);
  EXPECT_TRUE(cost.as_wanted);
  // The text itself, twice on its way in, its comments, and the docs made of it.
  EXPECT_LT(cost.mib, 400 * shadow);
}

TEST(WitHostile, DeepNestingTakesBoundedMemory) {
  const auto refused = [](const std::string& text) { return !load_outcome(text).resolved; };
  for (const char* piece : {"interface i { ", "{", "package a:b { ", "/*"}) {
    const Cost cost = cost_of("package a:b; " + repeat(piece, 100'000), refused);
    EXPECT_TRUE(cost.as_wanted) << piece;
    EXPECT_LT(cost.mib, 100 * shadow) << piece;
  }
  const Cost types = cost_of("package a:b; interface i { type t = " + repeat("list<", 100'000) +
                                 "u8" + repeat(">", 100'000) + "; }",
                             refused);
  EXPECT_TRUE(types.as_wanted);
  EXPECT_LT(types.mib, 100 * shadow);
}

TEST(WitHostile, TextsWithBrokenCharactersTakeBoundedMemory) {
  const auto refused = [](const std::string& text) {
    return load_outcome(text).rule == rules::bad_character.id;
  };
  for (const char* piece : {"\u202e", "\xC3\x28", "\x01", "\u2066 "}) {
    const Cost cost =
        cost_of("package a:b; interface i {}" + repeat(piece, 1'000'000 / share), refused);
    EXPECT_TRUE(cost.as_wanted) << piece;
    EXPECT_LT(cost.mib, 200 * shadow) << piece;
  }
}

TEST(WitHostile, FiftyMegabytesOfCommentsAreRead) {
  const std::string line = "/// what is said about it, at some length\n";
  const auto times = static_cast<int>(50'000'000 / line.size()) / share;
  EXPECT_TRUE(load_outcome("package a:b;\n" + repeat(line, times) + "interface i {}").resolved);
  EXPECT_TRUE(
      load_outcome("package a:b; /*" + repeat("*/ /* - ", times) + "*/ interface i {}").resolved);
}

TEST(WitHostile, ATextBeyondTheLimitIsNotRead) {
  const std::string text((std::size_t{64} << 20U) + 1, ' ');
  EXPECT_EQ(load_outcome(text).rule, rules::too_large.id);
}

TEST(WitHostile, AHundredThousandMistakesAreCountedNotKept) {
  const int count = 100'000 / share;
  const auto mistakes = [](std::string text) {
    SourceSet sources;
    Diagnostics diagnostics;
    EXPECT_FALSE(load_text("test.wit", std::move(text), {}, sources, diagnostics));
    return diagnostics.error_count();
  };
  EXPECT_GE(mistakes("package a:b; interface i {" + repeat("; ", count) + "}"), 1U);
  EXPECT_GE(mistakes("package a:b; interface i {" + numbered("fn#:func(x:none#);", count) + "}"),
            static_cast<std::size_t>(count));
  EXPECT_GE(mistakes("package a:b; interface i {" + repeat("f:func();F:func();", count / 2) + "}"),
            static_cast<std::size_t>(count - 2));
  EXPECT_GE(mistakes("package a:b; world w {" + numbered("import c#:d/e;", count / 10) + "}"),
            static_cast<std::size_t>(count / 10));
  EXPECT_GE(mistakes("package a:b; interface i {} " +
                     numbered("interface j# { use i.{t#}; }", count / 10)),
            static_cast<std::size_t>(count / 10));
}

TEST(WitHostile, AnInterfaceWithManyTypesIsUsedInLinearTime) {
  const int count = 100'000 / share;
  std::string text = "package a:b; interface many {" + numbered("record t#{x:u8}", count) +
                     "} interface user { use many.{";
  text += numbered("t#,", count) + "}; f: func(x: t0); }";
  EXPECT_TRUE(load_outcome(text).resolved);
}

TEST(WitHostile, ManyResourcesAreWrittenAndReadInLinearTime) {
  const int count = 20'000 / share;
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages =
      load_text("test.wit",
                "package a:b; interface i {" +
                    numbered("/** d */resource r#{/** d */m:func();}", count) + "}",
                {}, sources, diagnostics);
  ASSERT_TRUE(packages);
  const auto bytes = encode_package(*packages, packages->roots.front());
  ASSERT_TRUE(bytes);
  const auto back = wit_of_binary(*bytes);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(print(*back), print(*packages));
}

TEST(WitHostile, ACircleOfAThousandWorldsIsNamed) {
  std::string text = "package a:b;";
  for (int i = 0; i < 1000; ++i)
    text += "world w" + std::to_string(i) + " { include w" + std::to_string((i + 1) % 1000) + "; }";
  EXPECT_EQ(load_outcome(text).rule, rules::cycle.id);
}

TEST(WitHostile, AChainOfAThousandPackagesIsResolved) {
  std::string text = "package a:b; package a:p0 { interface i { type t = u8; } }";
  for (int i = 1; i < 1000; ++i)
    text += "package a:p" + std::to_string(i) + " { interface i { use a:p" + std::to_string(i - 1) +
            "/i.{t}; } }";
  const auto out = load_outcome(text);
  EXPECT_TRUE(out.resolved) << out.text;
}

TEST(WitHostile, ControlCharactersAreRefusedEverywhere) {
  for (const char* place : {"/* \x01 */", "// \x7f\n", "\x0b", "interface i {} \x1b[31m"}) {
    EXPECT_EQ(load_outcome(std::string("package a:b; ") + place).rule, rules::bad_character.id)
        << place;
  }
  EXPECT_EQ(load_outcome(std::string("package a:b;\0 interface i {}", 28)).rule,
            rules::bad_character.id);
}

TEST(WitHostile, OverlongAndHalfCharactersAreRefused) {
  for (const char* text :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF", "\x80"}) {
    EXPECT_EQ(load_outcome(std::string("package a:b; // ") + text).rule, rules::bad_character.id);
    EXPECT_EQ(load_outcome(std::string("package a:b; world w { @external-id(\"") + text +
                           "\") import x: func(); }")
                  .rule,
              rules::bad_character.id);
  }
}

TEST(WitHostile, WhatIsLeftOpenIsSaidAtTheEnd) {
  for (const char* text :
       {"package a:b; /*", "package a:b; interface i {", "package a:b; world w { @external-id(\"x",
        "package a:b; interface i { f: func(", "package a:b; interface i { f: func(x: list<",
        "package a:b; interface i { record r { a: u8,", "package a:b; package c:d {"}) {
    const auto out = load_outcome(text);
    EXPECT_FALSE(out.resolved) << text;
    EXPECT_FALSE(out.rule.empty()) << text;
  }
}

TEST(WitHostile, ATextCutAnywhereGetsAnErrorOrResolves) {
  constexpr std::string_view text =
      "/// d\npackage a:b@1.0.0-x.1;\nuse c:d/e as f;\n@since(version = 1.0.0-x)\ninterface i { "
      "use f.{t as u}; record r { a: list<u8, 4>, %type: "
      "result<_, u> } resource q { constructor(); m: static async func() -> own<q>; } flags l { x, "
      "y } enum e { z } }\nworld w { include v with { a as b } "
      "import x: interface { g: func(); } export i; @external-id(\"\\u{41}\") import n: i; } world "
      "v { import a: func(); }\npackage c:d { interface e { type t = u8; } }\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto out = load_outcome(std::string(text.substr(0, cut)));
    EXPECT_TRUE(out.resolved || !out.rule.empty()) << cut;
  }
}

/// Worlds each of which has all of the one before, and one function more.
std::string growing_chain(int worlds) {
  std::string text = "package a:b; world w0 { import f0: func(); }";
  for (int i = 1; i < worlds; ++i) {
    const auto n = std::to_string(i);
    text +=
        "world w" + n + " { include w" + std::to_string(i - 1) + "; import g" + n + ": func(); }";
  }
  return text;
}

// The last of 3000 has 3000 items, all of them 4.5 million: 14 seconds and 1.3 GB.
TEST(WitHostile, AChainOfWorldsThatIncludeEachOtherIsNotSquared) {
  EXPECT_TRUE(load_outcome(growing_chain(500)).resolved);
  EXPECT_EQ(load_outcome(growing_chain(3000)).rule, rules::too_large.id);
  std::string text = "package a:b; world w0 { import f: func(); }";
  for (int i = 1; i < 3000; ++i)
    text += "world w" + std::to_string(i) + " { include w" + std::to_string(i - 1) + "; }";
  EXPECT_TRUE(load_outcome(text).resolved);
}

// Names, docs and types count as well as items: 200,000 of these would be 8 GB.
TEST(WitHostile, AnIncludeIsChargedForLongNamesDocsAndTypes) {
  const auto chain = [](const std::string& item) {
    std::string text = "package a:b; world w0 { " + item + " }";
    for (int i = 1; i < 500; ++i)
      text += "world w" + std::to_string(i) + " { include w" + std::to_string(i - 1) + "; }";
    return text;
  };
  EXPECT_TRUE(load_outcome(chain("import f: func();")).resolved);
  EXPECT_EQ(load_outcome(chain("import f" + std::string(40'000, 'x') + ": func();")).rule,
            rules::too_large.id);
  EXPECT_EQ(load_outcome(chain("/// " + std::string(40'000, 'x') + "\nimport f: func();")).rule,
            rules::too_large.id);
  std::string tuple = "record r { a: u8 } import f: func(x: tuple<r";
  for (int i = 0; i < 5000; ++i) tuple += ", r";
  EXPECT_EQ(load_outcome(chain(tuple + ">);")).rule, rules::too_large.id);
}

// Each name gives an interface of its own to all that is made of the world.
TEST(WitHostile, AnInterfaceUnderManyNamesIsCharged) {
  const auto world = [](int fields, int names) {
    return "package a:b; interface i { record r {" + numbered("x#: u8,", fields) + "} } world w {" +
           numbered("import n#: i;", names) + "}";
  };
  EXPECT_TRUE(load_outcome(world(100, 100)).resolved);
  EXPECT_EQ(load_outcome(world(5000, 1000)).rule, rules::too_large.id);
}

/// Interfaces each of which uses the type of the one before.
std::string chain_of_uses(int interfaces) {
  std::string text = "package a:b; interface i0 { record r { a: u32 } }";
  for (int i = 1; i < interfaces; ++i)
    text += "interface i" + std::to_string(i) + " { use i" + std::to_string(i - 1) + ".{r}; }";
  return text;
}

Result<std::vector<std::uint8_t>> package_bytes(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = load_text("t.wit", text, {}, sources, diagnostics);
  EXPECT_TRUE(packages);
  return encode_package(*packages, packages->roots.front());
}

// Each interface was in the binary with all that it uses, which 60 KB of text made 28 MB.
TEST(WitHostile, TheBinaryOfAChainOfUsesIsAsLongAsTheChain) {
  const auto some = package_bytes(chain_of_uses(2000));
  const auto more = package_bytes(chain_of_uses(4000));
  ASSERT_TRUE(some);
  ASSERT_TRUE(more);
  EXPECT_LT(more->size(), some->size() * 21 / 10);
  const auto read = wit_of_binary(*more, Span::no_source);
  ASSERT_TRUE(read) << read.error().text();
  const std::string text = print(*read);
  EXPECT_NE(text.find("use i3998.{r};"), std::string::npos);
  EXPECT_EQ(text.find("use i0.{r};"), text.rfind("use i0.{r};"));
}

// More of them than `validate` allows instances were written without a word.
TEST(WitHostile, AWorldHasNoMoreInterfacesThanAComponentInstances) {
  constexpr int most = component::limits::instances;
  const std::string last = std::to_string(most - 1);
  EXPECT_TRUE(package_bytes(chain_of_uses(most) + "world w { import i" + last + "; }"));
  const auto more = package_bytes(chain_of_uses(most) + "world w { import i" + last +
                                  "; export x: interface {} }");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().rule().id, rules::too_large.id);
  EXPECT_NE(more.error().detail().find("come to 4097 interfaces, at most 4096"), std::string::npos)
      << more.error().text();
}

// The same of an interface whose types are those of all others.
TEST(WitHostile, AnInterfaceUsesNoMoreOthersThanAComponentHasInstances) {
  const auto chain = [](std::uint32_t interfaces) {
    std::string text = "package a:b;";
    for (std::uint32_t i = 1; i < interfaces; ++i)
      text += "interface i" + std::to_string(i) + " { enum e" + std::to_string(i) + " { a } }";
    text += "interface all {";
    for (std::uint32_t i = 1; i < interfaces; ++i)
      text += "use i" + std::to_string(i) + ".{e" + std::to_string(i) + "};";
    return text + "}";
  };
  EXPECT_TRUE(package_bytes(chain(component::limits::instances)));
  const auto more = package_bytes(chain(component::limits::instances + 1));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().rule().id, rules::too_large.id);
}

// Worlds that have the same interface repeat it.
TEST(WitHostile, TheBinaryOfManyWorldsHasALimit) {
  const auto bytes = package_bytes("package a:b; interface i {" + numbered("enum e# { a }", 1000) +
                                   "}" + numbered("world w# { import i; }", 1000));
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().rule().id, rules::too_large.id);
}

// What an alias stands for was looked for step by step by each that asked: 3 s for 0.9 MB.
TEST(WitHostile, AChainOfAliasesIsFollowedOnce) {
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = load_text("t.wit", chain_of_uses(2000), {}, sources, diagnostics);
  ASSERT_TRUE(packages);
  const TypeIdx record = packages->interfaces[InterfaceIdx(0U)].types.front().second;
  for (const TypeDef& def : packages->types) {
    const auto* alias = std::get_if<TypeAlias>(&def.def);
    if (alias != nullptr) EXPECT_EQ(alias->root, ValType(record));
  }
}

// Each world of many had the types between its first and the last of the graph copied to look at.
TEST(WitHostile, WorldsThatIncludeOneOfManyTypesAreReadInOneGo) {
  std::string text =
      "package a:b; world v { type t = list<u8>; import f: func(a: t); } interface i {";
  for (int i = 0; i < 20000; ++i) text += "type t" + std::to_string(i) + " = list<u8>;";
  text += "}";
  for (int i = 0; i < 20000; ++i) text += "world w" + std::to_string(i) + " { include v; }";
  EXPECT_TRUE(load_outcome(text).resolved);
}

TEST(WitHostile, ManyRenamesOfOneIncludeAreFoundByName) {
  std::string text = "package a:b; world v {";
  for (int i = 0; i < 20000; ++i) text += "import x" + std::to_string(i) + ": func();";
  text += "} world w { include v with {";
  for (int i = 0; i < 20000; ++i)
    text += "x" + std::to_string(i) + " as y" + std::to_string(i) + ",";
  EXPECT_TRUE(load_outcome(text + "} }").resolved);
}

// A binary shares the parts of types without a name; their text does not.
TEST(WitHostile, TypesOfABinaryThatDoubleAreRefused) {
  SourceSet sources;
  Diagnostics diagnostics;
  auto packages = load_text("test.wit", "package a:b; interface i { f: func(x: tuple<u8, u8>); }",
                            {}, sources, diagnostics);
  ASSERT_TRUE(packages);
  for (const int levels : {10, 40, 90, 1000}) {
    Packages grown = *packages;
    Function& f = grown.interfaces[InterfaceIdx(0U)].functions[0];
    for (int i = 0; i < levels; ++i) {
      TypeDef def;
      def.def = DefValType(
          levels == 1000 ? DefValType(component::Option{f.params[0].type})
                         : DefValType(component::Tuple{{f.params[0].type, f.params[0].type}}));
      f.params[0].type = grown.types.push_back(std::move(def));
    }
    const auto bytes = encode_package(grown, grown.roots[0]);
    ASSERT_TRUE(bytes);
    const auto read = wit_of_binary(*bytes, Span::no_source);
    EXPECT_EQ(read.has_value(), levels == 10) << levels;
  }
}

}  // namespace
}  // namespace tenon::wit
