// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/parse_component.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/text/print_component.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

component::Component parse(std::string_view text) {
  auto component = parse_component(text);
  EXPECT_TRUE(component) << text << ": " << (component ? "" : component.error().text());
  return component ? std::move(*component) : component::Component{};
}
const Rule& error_of(std::string_view text) {
  static Error last(rules::unexpected_token, {});
  auto component = parse_component(text);
  EXPECT_FALSE(component) << text;
  if (!component) last = std::move(component).error();
  return last.rule();
}
void expect_round(std::string_view text) {
  const auto bytes = component::encode(parse(text));
  const auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
  ASSERT_TRUE(decoded) << decoded.error().text();
  const auto printed = print_component(*decoded);
  ASSERT_TRUE(printed);
  EXPECT_EQ(component::encode(parse(*printed)), bytes) << *printed;
}

TEST(ParseComponent, InlineFormsBecomeDefinitionsBeforeTheirPlace) {
  const auto c = parse(
      "(component (import \"i\" (instance $i (export \"f\" (func (param \"x\" (list u8)))))) "
      "(core func (canon lower (func $i \"f\"))))");
  // instance type, import, alias, canon
  ASSERT_EQ(c.definitions.size(), 5U);
  EXPECT_TRUE(std::holds_alternative<component::Type>(c.definitions[0].def));
  EXPECT_TRUE(std::holds_alternative<component::Import>(c.definitions[1].def));
  EXPECT_TRUE(std::holds_alternative<component::Alias>(c.definitions[2].def));
  EXPECT_TRUE(std::holds_alternative<component::Canon>(c.definitions[3].def));
  EXPECT_TRUE(std::holds_alternative<component::Custom>(c.definitions[4].def));
}

TEST(ParseComponent, IdentifiersOfEnclosingComponentsBecomeOneOuterAlias) {
  const auto c = parse("(component (type $t u8) (component (type (list $t)) (type (option $t))))");
  const auto& nested = std::get<std::unique_ptr<component::Component>>(c.definitions[1].def);
  ASSERT_EQ(nested->definitions.size(), 3U);
  const auto& alias = std::get<component::Alias>(nested->definitions[0].def);
  EXPECT_EQ(alias.target, component::Alias::Target::outer);
  EXPECT_EQ(alias.instance_or_count, 1U);
}

TEST(ParseComponent, AllFormsRoundTrip) {
  expect_round(
      "(component $C (core module $M (func (export \"f\") (result i32) i32.const 1) (memory "
      "(export \"m\") 1)) "
      "(core instance $m (instantiate $M)) (type $r (resource (rep i32))) (type (export \"foo\") "
      "(enum \"a\" \"b\")) "
      "(func $f (export \"run\") (result u32) (canon lift (core func $m \"f\"))) "
      "(core type $mt (module (type $ft (func)) (import \"a\" \"b\" (func (type $ft))) (export "
      "\"c\" (memory i64 1 2)))) "
      "(import \"x\" (core module (type $mt))) (import \"y\" (implements \"a:b/c\") (external-id "
      "\"q\") (instance)) "
      "(component $D (type $r3 u8)) (@custom \"note\" \"text\"))");
}

TEST(ParseComponent, ADefinitionOfAnAliasIsNotAnInvertedOne) {
  const auto c = parse("(component $C (type $t u8) (component (alias outer $C $t (type $a))))");
  const auto& nested = std::get<std::unique_ptr<component::Component>>(c.definitions[1].def);
  EXPECT_TRUE(std::holds_alternative<component::Alias>(nested->definitions[0].def));
}

TEST(ParseComponent, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("(component (export \"x\" (func $f)))"), rules::component_name);
  EXPECT_EQ(error_of("(component (import \"x\" (func $x)) (component (export \"x\" (func $x))))"),
            rules::component_name);
  EXPECT_EQ(error_of("(component (type $t u8) (type $t u8))"), rules::component_duplicate);
  EXPECT_EQ(error_of("(component (type (lst u8)))"), rules::unknown_keyword);
  EXPECT_EQ(
      error_of(
          "(component (import \"a\" (implements \"a:b/c\") (implements \"a:b/c\") (instance)))"),
      rules::unexpected_token);
}

TEST(ParseComponent, ValuesFitTheirTypes) {
  EXPECT_EQ(error_of("(component (value char \"ab\"))"), rules::component_value);
  EXPECT_EQ(error_of("(component (value (list u8) (list 256)))"), rules::number_range);
  const auto c = parse(
      "(component (value u32 300) (value string \"hi\") (value (list u8) (binary \"\\01\\05\")))");
  EXPECT_EQ(std::get<component::Value>(c.definitions[0].def).bytes,
            (std::vector<std::uint8_t>{0xAC, 0x02}));
}

TEST(ParseComponent, NestingHasALimit) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "(component ";
  EXPECT_EQ(error_of(text), rules::nesting);
  text = "(component (type ";
  for (int i = 0; i < 2000; ++i) text += "(list ";
  EXPECT_EQ(error_of(text), rules::nesting);
}

TEST(ParseComponent, CoreTypesNameThemselvesAndTypesAround) {
  expect_round("(component (core type $a (struct (field (ref null $a)))))");
  expect_round(
      "(component (core type (func)) (core type $f (func)) (component (core type $a (struct (field "
      "(ref null $a)) (field (ref null $f))))))");
  const auto c = parse(
      "(component (core type $f (func)) (component (core rec (type $a (struct (field (ref null "
      "$b)))) (type $b (struct (field $f (ref null $f)))))))");
  const auto& nested = std::get<std::unique_ptr<component::Component>>(c.definitions[1].def);
  // The alias is before the group, whose types are 1 and 2.
  ASSERT_TRUE(std::holds_alternative<component::Alias>(nested->definitions[0].def));
  const auto& group = std::get<component::CoreType>(nested->definitions[1].def).rec_group;
  ASSERT_EQ(group.size(), 2U);
  EXPECT_EQ(group[0].type.fields[0].type, core::ValType::ref(core::TypeIdx(2U), true));
  EXPECT_EQ(group[1].type.fields[0].type, core::ValType::ref(core::TypeIdx(0U), true));
  EXPECT_EQ(error_of("(component (core rec (type $a (func)) (type $a (func))))"),
            rules::component_duplicate);
}

TEST(ParseComponent, FieldsAndParametersAreNoTypesOfComponentsAround) {
  const auto c = parse(
      "(component (core type $x (func)) (component (core type (struct (field $x i32))) (core type "
      "(func (param $x i32)))))");
  const auto& nested = std::get<std::unique_ptr<component::Component>>(c.definitions[1].def);
  EXPECT_TRUE(std::holds_alternative<component::CoreType>(nested->definitions[0].def));
  EXPECT_TRUE(std::holds_alternative<component::CoreType>(nested->definitions[1].def));
}

TEST(ParseComponent, OuterAliasesReachEnclosingTypes) {
  const auto c = parse(
      "(component (type $I (component (type $t u8) (type (instance (alias outer $I $t (type $x)) "
      "(export \"a\" (type (eq $x))))))))");
  const auto& type = std::get<component::Type>(c.definitions[0].def);
  const auto& decls = std::get<component::ComponentType>(type.def).decls;
  const auto& inner =
      std::get<component::InstanceType>(std::get<component::Type>(decls[1]).def).decls;
  const auto& alias = std::get<component::Alias>(inner[0]);
  EXPECT_EQ(alias.instance_or_count, 1U);
  EXPECT_EQ(alias.idx, 0U);
  expect_round(
      "(component (core type $M (module (type $f (func)) (alias outer $M $f (type $g)) (import "
      "\"\" \"a\" (func (type $g))))))");
}

TEST(ParseComponent, ImportsOfAModuleTypeMayShareTheirModule) {
  const auto c = parse(
      "(component (core type (module (import \"m\" (item \"a\" (func)) (item \"b\" (global i32))) "
      "(import \"n\" (item \"c\") (item \"d\") (memory 1)))))");
  const auto& type = std::get<component::CoreType>(c.definitions[0].def);
  std::vector<std::string> names;
  for (const component::CoreModuleDecl& decl : type.module_type->decls) {
    if (const auto* i = std::get_if<component::CoreImportDecl>(&decl))
      names.push_back(i->module + i->name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"ma", "mb", "nc", "nd"}));
}

TEST(ParseComponent, FormsOfBefore2025AreReadWhenAskedFor) {
  const std::string_view old =
      "(component (import (interface \"a:b/c\") (instance)) (type float32) "
      "(core module $m (memory (export \"m\") 1) (func (export \"d\") (param i32))) "
      "(core instance $i (instantiate $m)) (type (resource (rep i32) (dtor (func $i \"d\")))) "
      "(core func (canon waitable-set.wait (memory $i \"m\"))))";
  const std::string_view now =
      "(component (import \"a:b/c\" (instance)) (type f32) "
      "(core module $m (memory (export \"m\") 1) (func (export \"d\") (param i32))) "
      "(core instance $i (instantiate $m)) (type (resource (rep i32) (dtor (core func $i \"d\")))) "
      "(core func (canon waitable-set.wait (memory (core memory $i \"m\")))))";
  EXPECT_EQ(error_of(old), rules::component_old_syntax);
  const auto read = parse_component(old, 0, {.legacy_references = true, .legacy_words = true});
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(component::encode(*read), component::encode(parse(now)));
}

TEST(ParseComponent, CasesHaveIdentifiersOfTheirOwn) {
  expect_round("(component (type (variant (case $a \"x\") (case $b \"y\" u8))))");
  EXPECT_EQ(error_of("(component (type (variant (case $a \"x\") (case $a \"y\"))))"),
            rules::component_duplicate);
}

TEST(ParseComponent, BothSpellingsOfTheVersionSuffix) {
  const auto one = parse("(component (import \"a:b/c@1\" (version-suffix \".2.3\") (instance)))");
  const auto other = parse("(component (import \"a:b/c@1\" (versionsuffix \".2.3\") (instance)))");
  EXPECT_EQ(component::encode(one), component::encode(other));
  expect_round("(component (import \"a:b/c@1\" (version-suffix \".2.3\") (instance)))");
  expect_round("(component (instance (import \"a:b/c@1\" (version-suffix \".2.3\"))))");
}

TEST(ParseComponent, ALargeGroupIsReadInOnePass) {
  std::string text = "(component (core type $o (func)) (component (core rec";
  for (int i = 0; i < 20'000; ++i)
    text += fmt::format(" (type $t{} (struct (field (ref null $t{})) (field (ref null $o))))", i,
                        (i * 7 + 1) % 20'000);
  text += ")))";
  const auto c = parse(text);
  const auto& nested = std::get<std::unique_ptr<component::Component>>(c.definitions[1].def);
  EXPECT_EQ(std::get<component::CoreType>(nested->definitions[1].def).rec_group.size(), 20'000U);
}

}  // namespace
}  // namespace tenon::text
