// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/parse_component.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tenon::text
