// SPDX-License-Identifier: Apache-2.0
// Worlds of which a short text, or a long chain, asks for more than recursion or a list could have.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tenon/base/source.h"
#include "tenon/builder/async_values.h"
#include "tenon/builder/componentize.h"
#include "tenon/builder/dummy.h"
#include "tenon/builder/embed.h"
#include "tenon/component/decode.h"
#include "tenon/component/rules.h"
#include "tenon/component/validate.h"
#include "tenon/core/rules.h"
#include "tenon/types/types.h"
#include "tenon/wit/load.h"

namespace tenon::builder {
namespace {

wit::Packages wit_of(std::string text) {
  SourceSet sources;
  Diagnostics diagnostics;
  auto packages = wit::load_text("test.wit", std::move(text), {}, sources, diagnostics);
  EXPECT_TRUE(packages);
  return packages ? std::move(*packages) : wit::Packages();
}

Result<std::vector<std::uint8_t>> dummy_of(const wit::Packages& packages,
                                           abi::Calling calling = abi::Calling::sync) {
  return dummy_module(packages, wit::WorldIdx(0U), abi::Mangling::legacy, calling);
}

/// The valid component that a dummy of the only world becomes.
void expect_component(const wit::Packages& packages) {
  const auto dummy = dummy_of(packages);
  ASSERT_TRUE(dummy) << dummy.error().text();
  const auto module = embed(*dummy, packages, wit::WorldIdx(0U));
  ASSERT_TRUE(module) << module.error().text();
  const auto made = componentize(*module, {});
  ASSERT_TRUE(made) << made.error().text();
  auto decoded = component::decode(Blob::borrow(*made), core::Features::all());
  ASSERT_TRUE(decoded) << decoded.error().text();
  EXPECT_TRUE(component::validate(std::move(*decoded), core::Features::all()));
}

/// `t0`, and `count` names for it, each an alias of the one before.
std::string chain_of_aliases(std::string_view first, unsigned count) {
  std::string out(first);
  for (unsigned i = 0; i < count; ++i)
    out += "type t" + std::to_string(i + 1) + " = t" + std::to_string(i) + ";\n";
  return out;
}

/// A module of the first world, with its WIT in it; empty where that fails.
std::vector<std::uint8_t> module_of(const wit::Packages& packages) {
  const auto dummy = dummy_of(packages);
  EXPECT_TRUE(dummy) << dummy.error().text();
  if (!dummy) return {};
  auto module = embed(*dummy, packages, wit::WorldIdx(0U));
  EXPECT_TRUE(module) << module.error().text();
  return module ? *std::move(module) : std::vector<std::uint8_t>();
}

/// Each holds the one before twice.
std::string doubled(std::string_view first, unsigned times) {
  std::string out(first);
  for (unsigned i = 0; i < times; ++i) {
    const std::string before = "t" + std::to_string(i);
    out += "type t" + std::to_string(i + 1) + " = tuple<" + before + ", " + before + ">;\n";
  }
  return out;
}

// What is exported has an argument for each.
TEST(LargeWorlds, AChainOfAliasesIsRefusedAtTheLimitAndNotByTheStack) {
  const wit::Packages packages =
      wit_of("package a:b;\ninterface i {\n" + chain_of_aliases("record t0 { x: u32 }\n", 180'000) +
             "f: func(a: t180000);\n}\nworld w { export i; }\n");
  const auto made = componentize(module_of(packages), {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().rule(), component::rules::limit);
}

TEST(LargeWorlds, AChainOfAliasesOfAResourceIsFollowedWithoutRecursion) {
  expect_component(wit_of("package a:b;\ninterface i {\n" +
                          chain_of_aliases("resource t0;\n", 20'000) +
                          "f: func(a: t20000);\n}\nworld w { import i; export i; }\n"));
}

// Each is based on the one before, and all are imported and exported.
TEST(LargeWorlds, AChainOfInterfacesThatAreImportedAndExportedIsKeptWhole) {
  std::string text = "package a:b;\ninterface i0 { record r { a: u32 } }\n";
  std::string world = "world w { import i0; export i0;\n";
  for (int i = 1; i < 100; ++i) {
    const std::string n = std::to_string(i);
    text += "interface i" + n + " { use i" + std::to_string(i - 1) + ".{r}; f: func(a: r); }\n";
    world += "import i" + n + "; export i" + n + ";\n";
  }
  expect_component(wit_of(text + world + "}\n"));
}

std::size_t component_bytes(const wit::Packages& packages) {
  const auto made = componentize(module_of(packages), {});
  EXPECT_TRUE(made);
  return made ? made->size() : 0;
}

/// `count` interfaces, each of which uses `r` of the one before; all are exported.
std::string exported_chain(int count) {
  std::string text = "package a:b;\ninterface i0 { record r { a: u32 } f: func(a: r) -> r; }\n";
  std::string world = "world w { export i0;\n";
  for (int i = 1; i < count; ++i) {
    const std::string n = std::to_string(i);
    text +=
        "interface i" + n + " { use i" + std::to_string(i - 1) + ".{r}; f: func(a: r) -> r; }\n";
    world += "export i" + n + ";\n";
  }
  return text + world + "}\n";
}

// The component of each interface once imported every type of the chain before it.
TEST(LargeWorlds, AChainOfExportedInterfacesIsAsLongAsItsText) {
  const std::size_t some = component_bytes(wit_of(exported_chain(200)));
  const std::size_t more = component_bytes(wit_of(exported_chain(400)));
  EXPECT_LT(more, some * 21 / 10);
  expect_component(wit_of(exported_chain(200)));
}

// The message names what there is too much of.
TEST(LargeWorlds, MoreInterfacesThanAComponentCanHaveAreRefused) {
  for (const int count : {1001, 2100}) {
    const wit::Packages packages = wit_of(exported_chain(count));
    const auto made = componentize(module_of(packages), {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().rule(), component::rules::limit);
    EXPECT_NE(made.error().detail().find(count == 1001 ? "at most 1000 are" : "at most 4096 are"),
              std::string::npos)
        << made.error().text();
  }
}

TEST(AsyncValues, StandInTheOrderOfTheirNumbers) {
  const wit::Packages packages = wit_of(
      "package a:b;\ninterface i {\ntype s = stream<u8>;\ntype t = tuple<u8, s, "
      "future<stream<string>>>;\nf: async func(a: u32, b: t) -> list<s>;\n}\nworld w { import i; "
      "}\n");
  AsyncValues values(packages);
  const wit::Function& func = packages.interfaces[wit::InterfaceIdx(0U)].functions.front();
  ASSERT_EQ(values.count(func), 4U);
  const auto def = [&](std::uint64_t n) {
    return std::get<wit::DefValType>(packages.types[values.at(func, n)->index()].def);
  };
  EXPECT_EQ(std::get<types::Stream>(def(0)).type, types::PrimValType::u8);
  EXPECT_EQ(std::get<types::Stream>(def(1)).type, types::PrimValType::string);
  EXPECT_TRUE(std::holds_alternative<types::Future>(def(2)));
  EXPECT_EQ(values.at(func, 3), values.at(func, 0));
  EXPECT_FALSE(values.at(func, 4));
}

TEST(AsyncValues, AreCountedAndFoundWithoutALookAtEach) {
  const wit::Packages packages =
      wit_of("package a:b;\ninterface i {\n" + doubled("type t0 = stream<u8>;\n", 17) +
             "f: async func(a: t17, b: t17);\n}\nworld w { import i; }\n");
  AsyncValues values(packages);
  const wit::Function& func = packages.interfaces[wit::InterfaceIdx(0U)].functions.front();
  EXPECT_EQ(values.count(func), 2U << 17U);
  EXPECT_TRUE(values.at(func, 0));
  EXPECT_EQ(values.at(func, 0), values.at(func, (2U << 17U) - 1));
  EXPECT_FALSE(values.at(func, 2U << 17U));
}

TEST(Dummy, RefusesMoreImportsThanAModuleCanHave) {
  const wit::Packages packages =
      wit_of("package a:b;\ninterface i {\n" + doubled("type t0 = stream<u8>;\n", 17) +
             "f: async func(a: t17, b: t17);\n}\nworld w { import i; }\n");
  EXPECT_TRUE(dummy_of(packages));
  const auto refused = dummy_of(packages, abi::Calling::async);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule(), core::rules::implementation_limit);
}

}  // namespace
}  // namespace tenon::builder
