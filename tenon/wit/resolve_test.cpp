// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/resolve.h"

#include <gtest/gtest.h>

#include "tenon/base/source.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

struct Outcome {
  std::optional<Packages> packages;
  std::vector<Error> errors;
  SourceSet sources;
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const Error& error : errors) out += render(error, sources);
    return out;
  }
};

Outcome resolve_texts(const std::vector<std::string>& texts) {
  Outcome out;
  Diagnostics diagnostics;
  std::vector<PackageSource> sources;
  for (const std::string& text : texts) {
    const auto id = out.sources.add("t.wit", text);
    PackageSource source;
    source.root = sources.empty();
    source.files.push_back(parse(text, id, diagnostics));
    sources.push_back(std::move(source));
  }
  if (!diagnostics.has_errors()) out.packages = resolve(sources, {}, diagnostics);
  out.errors = diagnostics.take();
  return out;
}

const Rule& first_rule(const Outcome& outcome) {
  static const Rule none{"none", "", "", ""};
  return outcome.errors.empty() ? none : outcome.errors.front().rule();
}

TEST(Resolve, TheCalculator) {
  const auto out = resolve_texts({R"(package calculator:math@1.0.0;
interface calculator { add: func(a: f64, b: f64) -> f64; divide: func(a: f64, b: f64) -> result<f64, string>; }
world calculator-component { export calculator; }
)"});
  ASSERT_TRUE(out.packages) << out.text();
  const auto world = select_world(*out.packages, std::nullopt);
  ASSERT_TRUE(world);
  ASSERT_EQ(out.packages->worlds[*world].exports.size(), 1U);
  EXPECT_EQ(out.packages->worlds[*world].exports[0].name, "calculator:math/calculator@1.0.0");
}

TEST(Resolve, AWorldNamedLikeItsInterfaceIsExplained) {
  const auto out = resolve_texts(
      {"package a:b;\ninterface calculator {}\nworld calculator { export calculator; }\n"});
  EXPECT_EQ(first_rule(out), rules::duplicate);
  ASSERT_FALSE(out.errors.empty());
  EXPECT_NE(out.errors[0].help_text().find("calculator-component"), std::string::npos);
}

TEST(Resolve, NamesAreFoundWhateverTheirOrder) {
  const auto out = resolve_texts({R"(package a:b;
world w { export y; }
interface y { use x.{r}; f: func(v: r) -> option<r>; }
interface x { record r { s: list<t> } type t = u32; }
)"});
  ASSERT_TRUE(out.packages) << out.text();
  const World& world = out.packages->worlds[WorldIdx(0U)];
  ASSERT_EQ(world.imports.size(), 1U);
  EXPECT_EQ(world.imports[0].name, "a:b/x");
  EXPECT_TRUE(world.imports[0].implicit);
}

TEST(Resolve, AnExportedNeedIsNoImport) {
  const auto out =
      resolve_texts({"package a:b;\ninterface x { resource r; }\ninterface y { use x.{r}; f: "
                     "func(v: borrow<r>); }\n"
                     "world w { export x; export y; }\n"});
  ASSERT_TRUE(out.packages) << out.text();
  EXPECT_TRUE(out.packages->worlds[WorldIdx(0U)].imports.empty());
}

TEST(Resolve, ResourcesAndTheirMethods) {
  const auto out = resolve_texts({R"(package a:b;
interface x { resource canvas { constructor(w: u32); width: func() -> u32; make: static func() -> canvas; open: static func() -> result<own<canvas>>; } }
)"});
  ASSERT_TRUE(out.packages) << out.text();
  const auto& functions = out.packages->interfaces[InterfaceIdx(0U)].functions;
  ASSERT_EQ(functions.size(), 4U);
  EXPECT_EQ(functions[0].name, "[constructor]canvas");
  EXPECT_EQ(functions[1].name, "[method]canvas.width");
  EXPECT_EQ(functions[1].params[0].name, "self");
  EXPECT_EQ(functions[1].item_name(), "width");
}

struct Refused {
  const char* text;
  const Rule& rule;
};

class Refuses : public ::testing::TestWithParam<Refused> {};

TEST_P(Refuses, WithTheRule) {
  const auto out = resolve_texts({GetParam().text});
  EXPECT_FALSE(out.packages);
  EXPECT_EQ(first_rule(out), GetParam().rule) << GetParam().text << "\n" << out.text();
}

INSTANTIATE_TEST_SUITE_P(
    Wit, Refuses,
    ::testing::Values(
        Refused{"package a:b; interface x { type t = t; }", rules::cycle},
        Refused{"package a:b; interface x { record r { f: list<r> } }", rules::cycle},
        Refused{"package a:b; interface x { use y.{t}; type u = u8; } interface y { use x.{u}; "
                "type t = u8; }",
                rules::cycle},
        Refused{"package a:b; interface x { f: func(a: foo); }", rules::undefined},
        Refused{"package a:b; world w { import nope; }", rules::undefined},
        Refused{"package a:b; world w { import c:d/e; }", rules::no_package},
        Refused{"package a:b; world w {} world v { import w; }", rules::wrong_kind},
        Refused{"package a:b; interface x { record r {} }", rules::empty_type},
        Refused{"package a:b; interface x { f: func(a: u8, A: u8); }", rules::duplicate},
        Refused{"package a:b; interface x { record r { a: u8, a: u8 } }", rules::duplicate},
        Refused{"package a:b; interface x { resource r; f: func() -> borrow<r>; }",
                rules::type_rule},
        Refused{"package a:b; interface x { f: func() -> stream<char>; }", rules::type_rule},
        Refused{"package a:b; interface x { f: func() -> map<f32, u8>; }", rules::type_rule},
        Refused{"package a:b; interface x { union u { u8 } }", rules::old_syntax},
        Refused{"package a:b; interface x { f: func(a: float32); }", rules::old_syntax},
        Refused{"package a:b; interface x { f: func() -> (a: u8, b: u8); }", rules::old_syntax},
        Refused{"package a:b; interface x { f: func(src: stream<u8>) -> stream<u8>>; }",
                rules::syntax},
        Refused{"package a:b; interface x { fooBar: func(); }", rules::bad_name},
        Refused{"package a:b; interface x { list: func(); }", rules::syntax},
        Refused{"package a:b@1.x; interface x {}", rules::bad_version},
        Refused{"package a:b; interface x { @since(version = 1.0.0) f: func(); }",
                rules::gate_rule},
        Refused{"package a:b@1.0.0; interface x { @since(version = 2.0.0) f: func(); }",
                rules::gate_rule},
        Refused{"interface x {}", rules::package_name},
        Refused{"package a:b; world w { import a:b; }", rules::syntax},
        Refused{
            "package a:b; world w { import x: func(); } world v { import x: func(); include w; }",
            rules::include_conflict}));

TEST(Resolve, SeveralErrorsInOneRun) {
  const auto out = resolve_texts(
      {"package a:b;\ninterface x { f: fun(); g: func(a: ); }\ninterface y { union z { u8 } }\n"});
  EXPECT_EQ(out.errors.size(), 3U) << out.text();
}

TEST(Resolve, ATypeNestedTooDeepIsRefused) {
  std::string type = "u8";
  for (int i = 0; i < 200; ++i) type = "list<" + type + ">";
  const auto out = resolve_texts({"package a:b; interface x { type t = " + type + "; }"});
  EXPECT_EQ(first_rule(out), rules::too_deep);
}

TEST(Parse, AVersionBeforeTheDotOfUse) {
  const auto out = resolve_texts({"package a:b;\ninterface x { use c:d/e@1.0.0-a.{t}; }\n",
                                  "package c:d@1.0.0-a;\ninterface e { type t = u8; }\n"});
  EXPECT_TRUE(out.packages) << out.text();
}

}  // namespace
}  // namespace tenon::wit
