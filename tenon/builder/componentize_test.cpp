// SPDX-License-Identifier: Apache-2.0
// From core modules to components and back: what golden files cannot show.
#include "tenon/builder/componentize.h"

#include <gtest/gtest.h>

#include "tenon/base/source.h"
#include "tenon/builder/core_names.h"
#include "tenon/builder/embed.h"
#include "tenon/builder/rules.h"
#include "tenon/builder/targets.h"
#include "tenon/builder/unbundle.h"
#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/core/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/parse_module.h"
#include "tenon/wit/load.h"

namespace tenon::builder {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes module(std::string_view text) {
  const auto parsed = text::parse_module(text);
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed ? core::encode(*parsed) : Bytes();
}
Bytes component(std::string_view text) {
  const auto parsed = text::parse_component(text);
  EXPECT_TRUE(parsed) << parsed.error().text();
  return parsed ? component::encode(*parsed) : Bytes();
}
wit::Packages wit_of(std::string text) {
  SourceSet sources;
  Diagnostics diagnostics;
  auto packages = wit::load_text("test.wit", std::move(text), {}, sources, diagnostics);
  EXPECT_TRUE(packages);
  return packages ? std::move(*packages) : wit::Packages();
}
wit::WorldIdx only_world(const wit::Packages& packages) {
  return wit::WorldIdx(static_cast<std::uint32_t>(packages.worlds.size() - 1));
}
Bytes embedded(std::string_view text, std::string wit) {
  const wit::Packages packages = wit_of(std::move(wit));
  const auto out = embed(module(text), packages, only_world(packages));
  EXPECT_TRUE(out) << out.error().text();
  return out ? *out : Bytes();
}
bool is_valid(const Bytes& bytes) {
  auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
  if (!decoded) return false;
  return component::validate(std::move(*decoded), core::Features::all()).has_value();
}

constexpr std::string_view run_world = "package a:b;\nworld w {\n  export run: func() -> u32;\n}\n";
constexpr std::string_view run_module = "(module (func (export \"run\") (result i32) i32.const 7))";

TEST(Embed, KeepsEverySectionAndReplacesTheSameWorld) {
  const Bytes plain = module(run_module);
  const Bytes once = embedded(run_module, std::string(run_world));
  ASSERT_GT(once.size(), plain.size());
  EXPECT_TRUE(std::equal(plain.begin(), plain.end(), once.begin()));
  const wit::Packages packages = wit_of(std::string(run_world));
  const auto twice = embed(once, packages, only_world(packages));
  ASSERT_TRUE(twice);
  EXPECT_EQ(*twice, once);
}

TEST(Embed, GoesIntoAModuleWithoutSections) {
  const wit::Packages packages = wit_of(std::string(run_world));
  const auto out = embed(module("(module)"), packages, only_world(packages));
  ASSERT_TRUE(out);
  EXPECT_TRUE(core::decode(Blob::borrow(*out), core::Features::all()));
}

TEST(Componentize, DropsTheSectionThatNamedTheWorldAndKeepsTheOthers) {
  const Bytes core =
      embedded("(module (@custom \"mine\" \"x\") (func (export \"run\") (result i32) i32.const 7))",
               std::string(run_world));
  const auto out = componentize(core, {});
  ASSERT_TRUE(out) << out.error().text();
  const auto decoded = component::decode(Blob::borrow(*out), core::Features::all());
  ASSERT_TRUE(decoded);
  const auto& first = std::get<std::unique_ptr<core::Module>>(decoded->definitions.front().def);
  ASSERT_EQ(first->customs.size(), 1U);
  EXPECT_EQ(first->customs.front().name, "mine");
}

TEST(Componentize, ATruncatedOrDamagedModuleIsAnErrorOrAValidComponent) {
  const Bytes core = embedded(
      "(module (memory (export \"memory\") 1)"
      "  (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable)"
      "  (func (export \"shout\") (param i32 i32) (result i32) unreachable))",
      "package a:b;\nworld w {\n  export shout: func(text: string) -> string;\n}\n");
  for (std::size_t n = 0; n < core.size(); ++n) {
    const auto cut = componentize({core.data(), n}, {});
    EXPECT_TRUE(!cut || is_valid(*cut)) << n;
    Bytes flipped = core;
    for (const std::uint8_t bit : {std::uint8_t{0x01}, std::uint8_t{0x10}, std::uint8_t{0x80}}) {
      flipped[n] = static_cast<std::uint8_t>(core[n] ^ bit);
      const auto out = componentize(flipped, {});
      EXPECT_TRUE(!out || is_valid(*out)) << n;
    }
  }
}

// Every name that `abi` takes for a built-in's is a row of canon.def.
TEST(CoreNames, BuiltinsAreThoseOfTheSpecification) {
  const abi::ImportModule root = abi::parse_import_module("$root");
  const auto canon = [&](std::string_view name) { return builtin_named(name, root)->canon; };
  using enum component::CanonOp;
  EXPECT_EQ(canon("[waitable-set-wait]"), waitable_set_wait);
  EXPECT_EQ(canon("[thread-new-indirect-v0]"), thread_new_indirect);
  EXPECT_EQ(canon("[context-set-1]"), context_set);
  EXPECT_EQ(canon("[stream-cancel-write-3]f"), stream_cancel_write);
  EXPECT_EQ(canon("[future-drop-readable-unit]f"), future_drop_readable);
  EXPECT_EQ(canon("[task-return]f"), task_return);
  EXPECT_EQ(canon("[resource-rep]r"), resource_rep);
  EXPECT_EQ(canon("[error-context-debug-message-utf8]"), error_context_debug_message);
  EXPECT_EQ(builtin_named("[error-context-new-utf16]", root)->text,
            component::StringEncoding::utf16);
  EXPECT_EQ(builtin_named("[error-context-new-latin1+utf16]", root)->text,
            component::StringEncoding::latin1_utf16);
  EXPECT_FALSE(builtin_named("[method]counter.next", root));
  EXPECT_FALSE(builtin_named("[thread-available-parallelism]", root));
}

TEST(Unbundle, ModulesWithTypesThatNameTypesComeOut) {
  const Bytes whole = component(
      "(component"
      "  (core type $mine (func (param i64)))"
      "  (core type (module (alias outer 1 $mine (type)) (export \"g\" (func (type 0)))))"
      "  (core module $m"
      "    (rec (type $list (struct (field i32) (field (ref null $list)))) (type $f (func (param "
      "(ref null $list)))))"
      "    (func (export \"f\") (type $f))"
      "    (global (export \"g\") (ref null $list) (ref.null $list))"
      "    (table (export \"t\") 1 (ref null $f)))"
      "  (component (alias outer 1 $mine (core type)) (core type (module (alias outer 2 $mine "
      "(type)))))"
      "  (core instance (instantiate $m)))");
  const auto out = unbundle(whole, 0);
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->modules.size(), 1U);
  EXPECT_TRUE(is_valid(out->component));
  // What is left still means the same: unbundling again takes nothing.
  const auto again = unbundle(out->component, 0);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->component, out->component);
}

TEST(Unbundle, ModulesOfNestedComponentsComeOut) {
  const Bytes in = component(R"((component
    (core module $root (func (export "g")))
    (component $C
      (core module $m (func (export "f") (result i32) i32.const 7))
      (component $D (core module (memory (export "deep") 1)))
      (core instance $i (instantiate $m))
      (export "m" (core module $m)))
    (instance (instantiate $C))
    (core instance (instantiate $root))
    (component (alias outer 1 $root (core module $r)) (core instance (instantiate $r)))
    (export "root" (core module $root))
    (instance (export "x" (core module $root)))))");
  const auto out = unbundle(in);
  ASSERT_TRUE(out) << out.error().text();
  ASSERT_EQ(out->modules.size(), 3U);
  EXPECT_TRUE(is_valid(out->component));
  for (std::size_t i = 0; i < out->modules.size(); ++i) {
    EXPECT_EQ(out->modules[i].name, "unbundled-module" + std::to_string(i));
    EXPECT_TRUE(core::decode(Blob::borrow(out->modules[i].bytes)));
  }
  const auto again = unbundle(out->component);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->modules.empty());
  EXPECT_EQ(again->component, out->component);
}

TEST(Unbundle, SmallModulesStayAndInvalidComponentsAreRefused) {
  const Bytes whole = component("(component (core module (func (export \"f\"))) (core module))");
  const auto out = unbundle(whole, 9);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->modules.size(), 1U);
  const auto bad = unbundle(component("(component (core module (export \"f\" (func 3))))"), 0);
  EXPECT_FALSE(bad);
}

TEST(Targets, AComponentThatImportsLessAndExportsMoreFits) {
  const wit::Packages packages =
      wit_of("package a:b;\nworld w {\n  import log: func();\n  export run: func() -> u32;\n}\n");
  const Bytes more = component(
      "(component (core module $m (func (export \"run\") (result i32) i32.const 7)) (core instance "
      "$i (instantiate $m))"
      " (func $run (result u32) (canon lift (core func $i \"run\"))) (export \"run\" (func $run)) "
      "(export \"extra\" (func $run)))");
  EXPECT_TRUE(targets(more, packages, only_world(packages)));
  const auto less = targets(component("(component)"), packages, only_world(packages));
  ASSERT_FALSE(less);
  EXPECT_EQ(less.error().rule(), rules::misses_world);
}

}  // namespace
}  // namespace tenon::builder
