// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/bindgen.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tenon/abi/flatten.h"
#include "tenon/bindgen/emit.h"
#include "tenon/bindgen/names.h"
#include "tenon/bindgen/plan.h"
#include "tenon/bindgen/test_world.h"

namespace tenon::bindgen {
namespace {

using testing::PrimValType;
using testing::WorldBuilder;

WorldBuilder calculator() {
  WorldBuilder b("calculator", "math", "calculator", "calculator-component");
  const ValType f64 = PrimValType::f64;
  for (const char* name : {"add", "subtract", "multiply"})
    b.func(name, {{"a", f64}, {"b", f64}}, f64);
  const ValType result = b.anonymous(component::ResultType{f64, ValType(PrimValType::string)});
  b.func("divide", {{"a", f64}, {"b", f64}}, result);
  b.exported();
  return b;
}

WorldBuilder data_types() {
  WorldBuilder b("data", "types", "operations", "data-types");
  const ValType f64 = PrimValType::f64;
  const ValType point =
      b.named("point", wit::DefValType(component::Record{{{"x", f64}, {"y", f64}}}));
  const ValType result = b.named(
      "calculation-result",
      wit::DefValType(component::Variant{{{"success", f64}, {"error", PrimValType::string}}}));
  const ValType type =
      b.named("operation-type",
              wit::DefValType(component::Enum{{"add", "subtract", "multiply", "divide"}}));
  const ValType types = b.anonymous(component::List{type, {}});
  const ValType points = b.anonymous(component::List{point, {}});
  const ValType results = b.anonymous(component::List{result, {}});
  b.func("calculate-batch", {{"operations", types}, {"values", points}}, results);
  b.exported();
  return b;
}

TEST(Emit, IndentsEveryLineOfAText) {
  Emit out;
  out.open("a {").line("b\nc").close();
  EXPECT_EQ(out.text(), "a {\n  b\n  c\n}\n");
}

TEST(Emit, ADocumentationCommentNeverJoinsTheNextLine) {
  Emit out;
  out.docs("path C:\\");
  EXPECT_EQ(out.text(), "/// path C:\\.\n");
}

TEST(Names, KebabCaseBecomesEachStyle) {
  EXPECT_EQ(snake("get-HTTP-header"), "get_http_header");
  EXPECT_EQ(pascal("get-HTTP-header"), "GetHttpHeader");
  EXPECT_EQ(shouty("get-HTTP-header"), "GET_HTTP_HEADER");
  EXPECT_EQ(pascal("a-1-2"), "A1_2");
}

TEST(Names, KeywordsAndTakenNamesAreAvoided) {
  NameScope scope(Language::cpp);
  scope.reserve("canvas");
  EXPECT_EQ(scope.take("class"), "class_");
  EXPECT_EQ(scope.take("canvas"), "canvas_");
  EXPECT_EQ(scope.take("canvas"), "canvas_2");
  EXPECT_TRUE(is_reserved(Language::rust, "type"));
  EXPECT_FALSE(is_reserved(Language::rust, "class"));
}

TEST(Plan, AResultOfTwoSlotsGoesThroughMemoryAndIsFreed) {
  const auto b = calculator();
  const auto plan = plan_world(b.packages(), b.world());
  ASSERT_TRUE(plan);
  const Module& module = plan->modules[ModuleIdx(2U)];
  EXPECT_EQ(module.id, "calculator:math/calculator@1.0.0");
  EXPECT_EQ(module.functions[0].core_name, "calculator:math/calculator@1.0.0#add");
  EXPECT_EQ(module.functions[0].post_name, "");
  const FuncPlan& divide = module.functions[3];
  EXPECT_EQ(divide.post_name, "cabi_post_calculator:math/calculator@1.0.0#divide");
  EXPECT_TRUE(divide.result_in_memory);
  EXPECT_EQ(divide.core_result, Flat::i32);
}

// A function of the world called `memory` would have the name of the module's memory.
TEST(Plan, AWorldThatExportsMemoryHasStandardNames) {
  WorldBuilder b("a", "b", "c", "d");
  b.func("text", {}, ValType(PrimValType::string));
  b.exported();
  for (const char* name : {"memories", "memory"}) {
    b.world_func(name);
    const auto plan = plan_world(b.packages(), b.world());
    ASSERT_TRUE(plan);
    const bool standard = std::string_view(name) == "memory";
    const FuncPlan& text = plan->modules[ModuleIdx(2U)].functions[0];
    const FuncPlan& func = plan->modules[ModuleIdx(1U)].functions.back();
    EXPECT_EQ(text.core_name, "a:b/c@1.0.0#text");
    EXPECT_EQ(text.export_name, standard ? "cm32p2|a:b/c@1|text" : "a:b/c@1.0.0#text");
    EXPECT_EQ(text.post_name, standard ? "cm32p2|a:b/c@1|text_post" : "cabi_post_a:b/c@1.0.0#text");
    EXPECT_EQ(func.core_name, name);
    EXPECT_EQ(func.export_name, standard ? "cm32p2||memory" : name);
  }
}

// What implements an interface under a plain name is not what others `use`.
TEST(Plan, AUsedTypeIsThatOfTheInterfaceItself) {
  WorldBuilder b("a", "b", "c", "d");
  const ValType type = b.named("t", wit::DefValType(component::Enum{{"x"}}));
  b.exported("plain");
  b.exported();
  b.using_interface("user");
  const auto plan = plan_world(b.packages(), b.world());
  ASSERT_TRUE(plan);
  const ModuleIdx user(4U);
  ASSERT_EQ(plan->modules[user].id, "user");
  EXPECT_EQ(plan->modules[plan->module_of(type.index(), user)].id, "a:b/c@1.0.0");
  const ModuleIdx plain(2U);
  EXPECT_EQ(plan->modules[plan->module_of(type.index(), plain)].id, "plain");
}

TEST(Plan, AsyncFunctionsAreRefusedByName) {
  WorldBuilder b("a", "b", "c", "d");
  b.func("wait", {}, std::nullopt).async_ = true;
  b.exported();
  const auto plan = plan_world(b.packages(), b.world());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().rule().id, "bindgen-async");
  EXPECT_NE(plan.error().detail().find("`wait`"), std::string::npos);
}

TEST(Plan, AgreesWithTheAbiOnSizesAndFlatTypes) {
  const auto b = data_types();
  const auto plan = plan_world(b.packages(), b.world());
  ASSERT_TRUE(plan);
  const abi::Types types(
      &b.packages(), [](const void* self, TypeIdx idx) -> const component::DefValType& {
        return std::get<wit::DefValType>(static_cast<const wit::Packages*>(self)->types[idx].def);
      });
  for (TypeIdx i; i.value < b.packages().types.size(); ++i.value) {
    const TypePlan one = plan->of(i);
    EXPECT_EQ(one.size, abi::elem_size(types, i));
    EXPECT_EQ(one.align, abi::alignment(types, i));
    const auto flat = abi::flatten_type(types, i);
    EXPECT_EQ(one.flat.size(), flat.size());
  }
}

TEST(Generate, TheSameInputGivesTheSameBytes) {
  const auto b = data_types();
  const auto one = generate(b.packages(), b.world(), {});
  const auto two = generate(b.packages(), b.world(), {});
  ASSERT_TRUE(one && two);
  ASSERT_EQ(one->size(), two->size());
  for (std::size_t i = 0; i < one->size(); ++i) EXPECT_EQ((*one)[i].text, (*two)[i].text);
  if (const char* out = std::getenv("TENON_BINDGEN_OUT")) {
    for (const auto& world : {calculator(), data_types()}) {
      for (const auto generator : {Generator::c, Generator::cpp, Generator::rust}) {
        Options options;
        options.generator = generator;
        const auto files = generate(world.packages(), world.world(), options);
        for (const auto& file : *files) {
          const auto path =
              std::filesystem::path(out) / world.packages().worlds[world.world()].name / file.path;
          std::filesystem::create_directories(path.parent_path());
          std::ofstream(path) << file.text;
        }
      }
    }
  }
}

/// Variants of two cases, each of which holds the variant before.
WorldBuilder nested_variants(int levels) {
  WorldBuilder b("a", "b", "c", "d");
  ValType type(PrimValType::u8);
  for (int i = 0; i < levels; ++i) {
    component::Variant variant;
    for (const char* label : {"one", "two"}) variant.cases.push_back({label, type});
    type = b.named("v" + std::to_string(i), wit::DefValType(std::move(variant)));
  }
  b.func("f", {{"x", type}}, type);
  b.imported();
  b.exported();
  return b;
}

// `std::expected` is not marked in every standard library: a dropped trap gave no warning.
TEST(CppHost, EveryFunctionThatReturnsAResultIsNodiscard) {
  WorldBuilder b = calculator();
  Options options;
  b.imported();
  options.generator = Generator::cpp_host;
  const auto files = generate(b.packages(), b.world(), options);
  ASSERT_TRUE(files.has_value());
  std::size_t found = 0;
  for (const File& file : *files) {
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      const std::string_view code =
          std::string_view(line).substr(std::min(line.find_first_not_of(' '), line.size()));
      for (const std::string_view type : {"Outcome<", "Result<", "Made<"}) {
        const std::string start = "tenon::" + std::string(type);
        EXPECT_FALSE(code.starts_with(start) || code.starts_with("static " + start)) << line;
        found += code.starts_with("[[nodiscard]] " + start) ||
                 code.starts_with("[[nodiscard]] static " + start);
      }
    }
  }
  EXPECT_GE(found, 14U);
}

// The cases were written out in each function: 700 bytes of WIT made 270 MB of C.
TEST(Generate, VariantsInsideOfVariantsAreWrittenOnce) {
  const auto size = [](int levels, Generator generator) {
    const auto b = nested_variants(levels);
    Options options;
    options.generator = generator;
    const auto files = generate(b.packages(), b.world(), options);
    EXPECT_TRUE(files);
    std::size_t out = 0;
    for (const File& file : *files) out += file.text.size();
    return out;
  };
  for (const auto generator :
       {Generator::c, Generator::cpp, Generator::rust, Generator::cpp_host}) {
    EXPECT_LT(size(14, generator), 3 * size(8, generator));
  }
}

/// A resource of this name with a constructor and a method, which takes `params` beside `self`.
void add_resource(WorldBuilder& b, const std::string& name,
                  std::vector<std::pair<std::string, ValType>> params) {
  const TypeIdx resource = b.named(name, wit::Resource()).index();
  auto& made = b.func("[constructor]" + name, {}, b.anonymous(component::Own{resource}));
  made.kind = wit::FuncKind::constructor;
  made.resource = resource;
  params.insert(params.begin(), {"self", b.anonymous(component::Borrow{resource})});
  auto& method = b.func("[method]" + name + ".m", std::move(params), std::nullopt);
  method.kind = wit::FuncKind::method;
  method.resource = resource;
}

/// The text of the first file.
std::string text_of(const WorldBuilder& b, Generator generator) {
  Options options;
  options.generator = generator;
  const auto files = generate(b.packages(), b.world(), options);
  EXPECT_TRUE(files && !files->empty());
  return files && !files->empty() ? files->front().text : "";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// `static make make(…)` in the class `make` was "constructor cannot have a return type".
TEST(CppGuest, AResourceCalledAsAHelperOfItsClassHasTheHelperUnderAnotherName) {
  WorldBuilder b("a", "b", "c", "d");
  for (const char* name : {"make", "get"}) add_resource(b, name, {});
  b.exported();
  const std::string text = text_of(b, Generator::cpp);
  EXPECT_TRUE(has(text, "static make make_(Arguments&&... arguments_)"));
  EXPECT_TRUE(has(text, "::make::template make_<Object>("));
  EXPECT_TRUE(has(text, "static get make(Arguments&&... arguments_)"));
  EXPECT_TRUE(has(text, "::get::template make<Object>("));
  EXPECT_TRUE(has(text, "T& get_() const"));
}

// g++ -Wshadow: the arguments `a0` and `a` that the generator adds shadowed aliases of that name.
TEST(CppHost, ArgumentsOfTheGeneratorShadowNoAlias) {
  WorldBuilder b("a", "b", "c", "d");
  const ValType u32 = PrimValType::u32;
  for (const char* name : {"a", "a0"}) b.named(name, wit::DefValType(PrimValType::u32));
  b.named("perms", wit::DefValType(component::Flags{{"x"}}));
  b.func("f", {{"x", u32}, {"y", u32}}, std::nullopt);
  add_resource(b, "r", {{"x", u32}});
  b.imported();
  const std::string text = text_of(b, Generator::cpp_host);
  EXPECT_TRUE(has(text, "std::uint32_t a0_, std::uint32_t a1)"));
  EXPECT_TRUE(has(text, "r& a0_, std::uint32_t a1) -> void { return a0_.m(std::move(a1)); }"));
  EXPECT_TRUE(has(text, "operator|(perms a_, perms b)"));
}

// A parameter `find` of a method of the resource `find` shadowed the class, `own` became the name
// of a variable of the method's body.
TEST(CppHost, ParametersOfAHandlesMethodsMeetNoOtherName) {
  WorldBuilder b("a", "b", "c", "d");
  const ValType u32 = PrimValType::u32;
  for (const char* name : {"find", "own", "group"})
    add_resource(b, name, {{"find", u32}, {"own", u32}, {"group", u32}});
  b.exported();
  const std::string text = text_of(b, Generator::cpp_host);
  const std::string_view rest =
      "tenon::Arg<std::uint32_t> own_2, tenon::Arg<std::uint32_t> group_2) const {";
  EXPECT_TRUE(has(text, "find::m(tenon::Arg<std::uint32_t> find_2, " + std::string(rest)));
  EXPECT_TRUE(has(text, "own::m(tenon::Arg<std::uint32_t> find, " + std::string(rest)));
}

// `timezone` and `size_t` are declared at global scope: -Wshadow of g++ and clang.
TEST(Names, ParametersDoNotShadowTheCLibrary) {
  WorldBuilder b("a", "b", "c", "d");
  const ValType u32 = PrimValType::u32;
  b.func("f", {{"timezone", u32}, {"size-t", u32}, {"int-fast8-t", u32}, {"time", u32}}, u32);
  b.imported();
  b.exported();
  for (const auto generator : {Generator::cpp, Generator::cpp_host}) {
    EXPECT_TRUE(has(text_of(b, generator),
                    "(std::uint32_t timezone_, std::uint32_t size_t_, "
                    "std::uint32_t int_fast8_t_, std::uint32_t time)"));
  }
}

// In C++, which may include the header, the field `uint8_t` hid the type from the fields behind it.
TEST(CGuest, AFieldIsNotNamedLikeATypeOfOtherFields) {
  WorldBuilder b("a", "b", "c", "d");
  b.named("r", wit::DefValType(
                   component::Record{{{"uint8-t", PrimValType::u8}, {"size-t", PrimValType::u8}}}));
  b.exported();
  const std::string text = text_of(b, Generator::c);
  EXPECT_TRUE(has(text, "uint8_t uint8_t_;"));
  EXPECT_TRUE(has(text, "uint8_t size_t_;"));
}

// Each counted up from 2 to its own number.
TEST(Names, ManyThatWantOneNameAreNumberedInOneGo) {
  NameScope scope(Language::cpp);
  const unsigned many = 200'000;
  std::string last;
  for (unsigned i = 0; i < many; ++i) last = scope.take("constructor");
  EXPECT_EQ(last, "constructor_" + std::to_string(many - 1));
  const std::unordered_set<std::string> outer = {"a", "a_"};
  EXPECT_EQ(NameScope(Language::cpp, outer).take("a"), "a_2");
}

}  // namespace
}  // namespace tenon::bindgen
