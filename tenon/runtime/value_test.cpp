// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "tenon/runtime/json.h"
#include "tenon/runtime/wave.h"

namespace tenon::runtime {
namespace {

using component::DefValType;
using component::PrimValType;
using component::TypeIdx;

/// A table of types for tests: `add` gives the index back.
class TypeTable {
 public:
  ValType add(DefValType def) {
    defs_.push_back(std::move(def));
    return TypeIdx(defs_.size() - 1);
  }
  [[nodiscard]] TypeView view(ValType type) const { return {types(), type}; }
  [[nodiscard]] abi::Types types() const {
    return {this, [](const void* self, TypeIdx i) -> const DefValType& {
              return static_cast<const TypeTable*>(self)->defs_[i.value];
            }};
  }

 private:
  std::vector<DefValType> defs_;
};

struct Types : TypeTable {
  ValType point = add(component::Record{{{"x", PrimValType::f64}, {"y", PrimValType::f64}}});
  ValType points = add(component::List{point, std::nullopt});
  ValType bytes = add(component::List{PrimValType::u8, std::nullopt});
  ValType opt = add(component::Option{PrimValType::u32});
  ValType opt_opt = add(component::Option{opt});
  ValType rec = add(component::Record{{{"must", PrimValType::string}, {"may", opt}}});
  ValType all_may = add(component::Record{{{"may", opt}}});
  ValType var = add(component::Variant{{{"none", std::nullopt}, {"days", PrimValType::u32}}});
  ValType res = add(component::ResultType{PrimValType::f64, PrimValType::string});
  ValType unit_res = add(component::ResultType{});
  ValType flags = add(component::Flags{{"read", "write"}});
  ValType colour = add(component::Enum{{"red", "ok"}});
  ValType pair = add(component::Tuple{{PrimValType::s8, PrimValType::char_}});
  ValType map = add(component::Map{PrimValType::string, PrimValType::u8});
};

std::string wave_round(const Types& t, ValType type, std::string_view text) {
  const auto v = parse_wave(text, t.view(type));
  if (!v) return "error: " + v.error().text();
  EXPECT_TRUE(check(*v, t.view(type)));
  const auto j = value_to_json(*v);
  const auto back = value_from_json(*Json::parse(j.dump()), t.view(type));
  EXPECT_TRUE(back) << (back ? "" : back.error().text());
  if (back) EXPECT_EQ(*back, *v) << text;
  const auto again = parse_wave(to_wave(*v), t.view(type));
  EXPECT_TRUE(again && *again == *v) << text;
  return to_wave(*v);
}

TEST(Wave, PrintsWhatItReadsAsWasmWaveDoes) {
  const Types t;
  EXPECT_EQ(wave_round(t, PrimValType::bool_, "true"), "true");
  EXPECT_EQ(wave_round(t, PrimValType::u64, "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(wave_round(t, PrimValType::s8, "-128"), "-128");
  EXPECT_EQ(wave_round(t, PrimValType::f64, "1e21"), "1000000000000000000000");
  EXPECT_EQ(wave_round(t, PrimValType::f64, "8"), "8");
  EXPECT_EQ(wave_round(t, PrimValType::f32, "0.1"), "0.1");
  EXPECT_EQ(wave_round(t, PrimValType::f32, "-inf"), "-inf");
  EXPECT_EQ(wave_round(t, PrimValType::f64, "nan"), "nan");
  EXPECT_EQ(wave_round(t, PrimValType::char_, "'\\u{2603}'"), "'☃'");
  EXPECT_EQ(wave_round(t, PrimValType::string, "\"a\\\"b\\n\\u{1}\""), "\"a\\\"b\\n\\u{1}\"");
  EXPECT_EQ(wave_round(t, t.points, "[{x:1,y:2.5},{y: 3, x: 4,},]"),
            "[{x: 1, y: 2.5}, {x: 4, y: 3}]");
  EXPECT_EQ(wave_round(t, t.bytes, "[1, 2, 255]"), "[1, 2, 255]");
  EXPECT_EQ(wave_round(t, t.opt, "3"), "some(3)");
  EXPECT_EQ(wave_round(t, t.opt_opt, "some(none)"), "some(none)");
  EXPECT_EQ(wave_round(t, t.rec, "{must: \"x\", may: some(1)}"), "{must: \"x\", may: some(1)}");
  EXPECT_EQ(wave_round(t, t.rec, "{must: \"x\"} // why"), "{must: \"x\"}");
  EXPECT_EQ(wave_round(t, t.all_may, "{:}"), "{:}");
  EXPECT_EQ(wave_round(t, t.var, "days( 30 )"), "days(30)");
  EXPECT_EQ(wave_round(t, t.var, "%none"), "%none");
  EXPECT_EQ(wave_round(t, t.res, "ok(3)"), "ok(3)");
  EXPECT_EQ(wave_round(t, t.res, "err(\"Division by zero\")"), "err(\"Division by zero\")");
  EXPECT_EQ(wave_round(t, t.res, "2.5"), "ok(2.5)");
  EXPECT_EQ(wave_round(t, t.unit_res, "err"), "err");
  EXPECT_EQ(wave_round(t, t.flags, "{write, read}"), "{read, write}");
  EXPECT_EQ(wave_round(t, t.flags, "{}"), "{}");
  EXPECT_EQ(wave_round(t, t.colour, "%ok"), "%ok");
  EXPECT_EQ(wave_round(t, t.pair, "(-1, 'x')"), "(-1, 'x')");
  EXPECT_EQ(wave_round(t, t.map, "[(\"a\", 1), (\"a\", 2)]"), "[(\"a\", 1), (\"a\", 2)]");
  EXPECT_EQ(wave_round(t, t.map, "{\"a\": 1, \"b\": 2, \"a\": 3}"), "[(\"a\", 3), (\"b\", 2)]");
  EXPECT_FALSE(parse_wave("{read, read}", t.view(t.flags)));
  EXPECT_EQ(wave_round(t, PrimValType::string, "\"\"\"\n  one\n  two\n  \"\"\""), "\"one\\ntwo\"");
}

TEST(Wave, SaysWhatItWantsWhere) {
  const Types t;
  const auto v = parse_wave("{x: 1, z: 2}", t.view(t.point));
  ASSERT_FALSE(v);
  EXPECT_EQ(v.error().span(), (Span{0, 7, 8}));
  EXPECT_NE(v.error().text().find("a field of the record (x, y)"), std::string::npos)
      << v.error().text();
  EXPECT_FALSE(parse_wave("256", t.view(PrimValType::u8)));
  EXPECT_FALSE(parse_wave("1.5", t.view(PrimValType::u8)));
  EXPECT_FALSE(parse_wave("'\\u{d800}'", t.view(PrimValType::char_)));
  EXPECT_FALSE(parse_wave("1 2", t.view(PrimValType::u8)));
  EXPECT_FALSE(parse_wave("\"open", t.view(PrimValType::string)));
}

TEST(Wave, SplitsACallAndReadsItsArguments) {
  const Types t;
  const auto call = split_wave_call(" ns:pkg/iface@1.0.0#f (1, \"x\")");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, "ns:pkg/iface@1.0.0#f");
  const std::vector<component::LabelValType> params = {
      {"a", PrimValType::u32}, {"s", PrimValType::string}, {"o", t.opt}};
  const auto args = parse_wave_args(*call, t.types(), params);
  ASSERT_TRUE(args) << args.error().text();
  EXPECT_EQ((*args)[1].text(), "x");
  EXPECT_FALSE((*args)[2].is_some());
  EXPECT_FALSE(parse_wave_args(*split_wave_call("f(1)"), t.types(), params));
  EXPECT_FALSE(parse_wave_args(*split_wave_call("f(1, \"x\", 2, 3)"), t.types(), params));
}

// A program may make JSON of any bytes.
TEST(ValueJson, ACharacterThatIsCutOffIsRefused) {
  const Types t;
  for (const char* bytes : {"\xC3", "\xE2\x82", "\xF0", "\xF0\x9F\x98", "\x80", "\xED\xA0\x80"})
    EXPECT_FALSE(value_from_json(Json::string(bytes), t.view(PrimValType::char_)));
  EXPECT_TRUE(value_from_json(Json::string("\xF0\x9F\x98\x80"), t.view(PrimValType::char_)));
}

TEST(ValueJson, ReadsWhatCasesMaySpell) {
  const Types t;
  const auto read = [&](std::string_view text, ValType type) {
    const auto j = Json::parse(text);
    const auto v = value_from_json(*j, t.view(type));
    return v ? to_wave(*v) : "error: " + v.error().text();
  };
  EXPECT_EQ(read("\"18446744073709551615\"", PrimValType::u64), "18446744073709551615");
  EXPECT_EQ(read("5.0", PrimValType::u8), "5");
  EXPECT_EQ(read("\"-inf\"", PrimValType::f32), "-inf");
  EXPECT_EQ(read(R"({"err": "no"})", t.res), "err(\"no\")");
  EXPECT_EQ(read(R"("ok")", t.unit_res), "ok");
  EXPECT_EQ(read("null", t.opt), "none");
  EXPECT_EQ(read(R"({"some": null})", t.opt_opt), "some(none)");
  EXPECT_EQ(read(R"({"must": "x"})", t.rec), "{must: \"x\"}");
  EXPECT_EQ(read(R"({"days": 3})", t.var), "days(3)");
  EXPECT_EQ(read(R"(["write"])", t.flags), "{write}");
  EXPECT_EQ(read(R"({"$wave": "[1, 2]"})", t.bytes), "[1, 2]");
  EXPECT_EQ(read(R"({"$base64": "AQL/"})", t.bytes), "[1, 2, 255]");
  EXPECT_EQ(read(R"({"$base64": "AQI"})", t.bytes), "[1, 2]");
  // Bits that belong to no byte were dropped, and a flag that is there twice was one.
  for (const std::string_view cut : {"YWJ", "AQI==", "AQI===", "AQL/=", "A"}) {
    EXPECT_TRUE(read(R"({"$base64": ")" + std::string(cut) + "\"}", t.bytes).starts_with("error"))
        << cut;
  }
  EXPECT_EQ(read(R"(["read", "read"])", t.flags),
            "error: the JSON value does not fit the type: the flag `read` is there twice");
  EXPECT_EQ(read("256", PrimValType::u8),
            "error: the JSON value does not fit the type: the number 256 is given, a u8 (0 to 255) "
            "is wanted");
  EXPECT_EQ(read(R"({"x": 1})", t.point),
            "error: the JSON value does not fit the type: field `y` is missing");
}

/// What JSON and WAVE read of one text, as WAVE prints it; `error` for a refusal.
std::pair<std::string, std::string> read_both(std::string_view text, PrimValType type) {
  const Types t;
  const auto shown = [](const Result<Value>& v) { return v ? to_wave(*v) : std::string("error"); };
  return {shown(value_from_json(*Json::parse(text), t.view(type))),
          shown(parse_wave(text, t.view(type)))};
}

TEST(ValueJson, FloatsThatAreTooLargeAreErrorsAsInWave) {
  const auto error = std::pair<std::string, std::string>("error", "error");
  const auto both = [](std::string_view text) {
    return std::pair<std::string, std::string>(text, text);
  };
  EXPECT_EQ(read_both("1e39", PrimValType::f32), error);
  EXPECT_EQ(read_both("-1e39", PrimValType::f32), error);
  EXPECT_EQ(read_both("3.4028236e38", PrimValType::f32), error);
  EXPECT_EQ(read_both("1e400", PrimValType::f32), error);
  EXPECT_EQ(read_both("1e400", PrimValType::f64), error);
  EXPECT_EQ(read_both("1e999999999999999999999", PrimValType::f64), error);
  EXPECT_EQ(read_both("1e39", PrimValType::f64), both("1" + std::string(39, '0')));
  EXPECT_EQ(read_both("1e-400", PrimValType::f64), both("0"));
  EXPECT_EQ(read_both("-1e-400", PrimValType::f64), both("-0"));
  EXPECT_EQ(read_both("1e-46", PrimValType::f32), both("0"));
  EXPECT_EQ(read_both("-0", PrimValType::f64), both("-0"));
  EXPECT_EQ(read_both("0e999999", PrimValType::f32), both("0"));
  const Types t;
  const auto refused = value_from_json(*Json::parse("1e39"), t.view(PrimValType::f32));
  EXPECT_NE(refused.error().text().find("an f32 (at most 3.4028235e+38 in magnitude)"),
            std::string::npos)
      << refused.error().text();
}

TEST(ValueJson, IntegersAreExactInEverySpelling) {
  const Types t;
  const auto read = [&](std::string_view text, PrimValType type) {
    const auto v = value_from_json(*Json::parse(text), t.view(type));
    return v ? to_wave(*v) : std::string("error");
  };
  EXPECT_EQ(read("1e2", PrimValType::u8), "100");
  EXPECT_EQ(read("1e3", PrimValType::u8), "error");
  EXPECT_EQ(read("-0", PrimValType::u8), "0");
  EXPECT_EQ(read("-1", PrimValType::u8), "error");
  EXPECT_EQ(read("-128.0", PrimValType::s8), "-128");
  EXPECT_EQ(read("-129", PrimValType::s8), "error");
  EXPECT_EQ(read("0.5", PrimValType::s32), "error");
  EXPECT_EQ(read("9007199254740993.0", PrimValType::u64), "9007199254740993");
  EXPECT_EQ(read("1.8446744073709551615e19", PrimValType::u64), "18446744073709551615");
  EXPECT_EQ(read("18446744073709551616", PrimValType::u64), "error");
  EXPECT_EQ(read("-9223372036854775808", PrimValType::s64), "-9223372036854775808");
  EXPECT_EQ(read("9223372036854775808", PrimValType::s64), "error");
  EXPECT_EQ(read("1e400", PrimValType::u64), "error");
  EXPECT_EQ(read("1e-400", PrimValType::u64), "error");
  EXPECT_EQ(read("\"18446744073709551616\"", PrimValType::u64), "error");
  EXPECT_EQ(read("\" 1\"", PrimValType::u64), "error");
  EXPECT_EQ(read("\"\"", PrimValType::u64), "error");
  EXPECT_NE(parse_wave("-1", t.view(PrimValType::u8)).error().text().find("a u8 (0 to 255)"),
            std::string::npos);
}

TEST(Value, IsCheckedAgainstItsTypeWithThePlaceNamed) {
  const Types t;
  auto v = Value::list({Value::record({{"x", Value::f64(1)}, {"y", Value::f32(1)}})});
  const auto ok = check(v, t.view(t.points));
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().text(),
            "a value does not fit its type: at `[0].y`: a f32 is given, f64 is wanted");
  EXPECT_TRUE(check(Value::bytes({1, 2}), t.view(t.bytes)));
  EXPECT_TRUE(check(Value::list({Value::u8(1)}), t.view(t.bytes)));
  EXPECT_EQ(Value::bytes({1}), Value::list({Value::u8(1)}));
}

TEST(Value, SpellsItsType) {
  const Types t;
  EXPECT_EQ(to_string(t.view(t.points)), "list<record { x: f64, y: f64 }>");
  EXPECT_EQ(to_string(t.view(t.res)), "result<f64, string>");
  EXPECT_EQ(to_string(t.view(t.var)), "variant { none, days(u32) }");
}

TEST(Value, DefaultsFitTheirTypes) {
  const Types t;
  for (const auto type : {t.points, t.rec, t.var, t.res, t.pair, t.map, t.colour, t.flags}) {
    const auto v = default_value(t.view(type));
    ASSERT_TRUE(v);
    EXPECT_TRUE(check(*v, t.view(type)));
  }
}

TEST(Value, TheDefaultOfACharIsZeroAsItPromises) {
  const Types t;
  EXPECT_EQ(default_value(t.view(PrimValType::char_))->as_char(), U'\0');
  EXPECT_EQ(to_wave(*default_value(t.view(t.pair))), "(0, '\\u{0}')");
}

TEST(Value, ADefaultThatWouldBeHugeIsNone) {
  Types t;
  const auto fits = t.add(component::List{PrimValType::u32, 60'000});
  const auto v = default_value(t.view(fits));
  ASSERT_TRUE(v);
  EXPECT_TRUE(check(*v, t.view(fits)));
  EXPECT_FALSE(default_value(t.view(t.add(component::List{PrimValType::u32, 70'000}))));
  // Every level holds the one below twice: 2^60 parts.
  ValType type = PrimValType::u8;
  for (int i = 0; i < 60; ++i) type = t.add(component::Tuple{{type, type}});
  EXPECT_FALSE(default_value(t.view(type)));
}

TEST(ValueDeathTest, AGetterOfAnotherKindEndsTheProcessAndNamesBoth) {
  const auto number = Value::u32(5);
  EXPECT_DEATH((void)number.as_f64(), "`u32` was read as `f64`");
  EXPECT_DEATH((void)number.as_float(), "`u32` was read as `f64`");
  EXPECT_DEATH((void)number.as_bool(), "`u32` was read as `bool`");
  EXPECT_DEATH((void)number.text(), "`u32` was read as `string`");
  EXPECT_DEATH((void)number.items(), "`u32` was read as `list, record or tuple`");
  // A list kept as bytes gave no items, one kept as values no bytes; short labels were read beyond.
  EXPECT_DEATH((void)Value::bytes({1, 2}).items(), "kept as bytes was read by `items`");
  EXPECT_DEATH((void)Value::list({Value::u8(1)}).bytes(), "kept as values was read by `bytes`");
  EXPECT_DEATH((void)Value::record(std::make_shared<const Value::Labels>(), {number}),
               "a record was made of 0 labels and 1 values");
  EXPECT_DEATH((void)number.handle(), "`u32` was read as `handle`");
  EXPECT_DEATH((void)number.is_ok(), "`u32` was read as `result`");
  EXPECT_DEATH((void)number.field("x"), "`u32` was read as `record`");
  EXPECT_DEATH((void)number.payload(), "`u32` was read as `variant, option or result`");
  EXPECT_DEATH((void)Value::f32(1).as_unsigned(), "`f32` was read as `integer`");
  EXPECT_DEATH((void)Value::string("x").as_char(), "`string` was read as `char`");
  EXPECT_DEATH((void)Value::some(number).size(),
               "`option` was read as `list, record, tuple or flags`");
  EXPECT_DEATH((void)Value::tuple({number}).at(1), "element 1 was read of a `tuple` of 1");
}

TEST(Value, GetIfPointsIntoTheValueOrIsNull) {
  const auto s16 = Value::s16(-3);
  ASSERT_NE(s16.get_if_s16(), nullptr);
  EXPECT_EQ(*s16.get_if_s16(), -3);
  EXPECT_EQ(s16.as_signed(), -3);
  EXPECT_EQ(s16.get_if_u16(), nullptr);
  EXPECT_EQ(s16.get_if_f64(), nullptr);
  EXPECT_EQ(s16.get_if_text(), nullptr);
  EXPECT_EQ(s16.get_if_items(), nullptr);
  EXPECT_EQ(s16.get_if_payload(), nullptr);
  EXPECT_EQ(*Value::f64(2.5).get_if_f64(), 2.5);
  EXPECT_EQ(*Value::f32(-0.5F).get_if_f32(), -0.5F);
  EXPECT_EQ(*Value::boolean(true).get_if_bool(), true);
  EXPECT_EQ(*Value::character(U'x').get_if_char(), U'x');
  EXPECT_EQ(*Value::u8(255).get_if_u8(), 255);
  EXPECT_EQ(*Value::string("x").get_if_string(), "x");
  EXPECT_EQ(Value::enumeration("x").get_if_string(), nullptr);
  EXPECT_EQ(*Value::enumeration("x").get_if_text(), "x");
  EXPECT_EQ(Value::bytes({1, 2}).get_if_bytes()->size(), 2U);
  EXPECT_EQ(Value::list({Value::u8(1)}).get_if_items()->size(), 1U);
  EXPECT_EQ(*Value::ok(Value::u8(1)).get_if_payload(), Value::u8(1));
  const auto point = Value::record({{"x", Value::f64(1)}});
  EXPECT_EQ(*point.get_if_field("x")->get_if_f64(), 1);
  EXPECT_EQ(point.get_if_field("y"), nullptr);
}

TEST(Value, WhatWasMovedFromIsNoOptionWithoutPayload) {
  const Types t;
  auto v = Value::some(Value::u32(1));
  const auto taken = std::move(v);
  EXPECT_TRUE(taken.is_some());
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): what the host did wrong
  EXPECT_TRUE(v.is(ValueKind::bool_));
  EXPECT_FALSE(check(v, t.view(t.opt)));
}

TEST(Value, CharsAndStringsThatMeanNothingDoNotFit) {
  const Types t;
  EXPECT_FALSE(check(Value::character(0xD800), t.view(PrimValType::char_)));
  EXPECT_FALSE(check(Value::character(0x110000), t.view(PrimValType::char_)));
  EXPECT_FALSE(check(Value::string("ab\xC3"), t.view(PrimValType::string)));
  EXPECT_TRUE(check(Value::string("ab\xC3\xA4"), t.view(PrimValType::string)));
  EXPECT_FALSE(check(Value::bytes({1}), t.view(t.map))) << "bytes are no pairs";
}

// A host prints what it was refused: a string that ends in a character's middle was read past its
// end, and one with a byte that begins none was never left.
TEST(ValueText, OfAStringThatIsNotUtf8HasReplacementCharacters) {
  EXPECT_EQ(runtime::to_wave(Value::string("a\xFF")), "\"a\uFFFD\"");
  EXPECT_EQ(runtime::to_wave(Value::string("a\xE2\x82")), "\"a\uFFFD\uFFFD\"");
  EXPECT_EQ(runtime::to_wave(Value::string("\xF0")), "\"\uFFFD\"");
  EXPECT_EQ(runtime::to_wave(Value::string("\xC3(")), "\"\uFFFD(\"");
  EXPECT_EQ(runtime::to_wave(Value::string("\xE0\x80\x80")), "\"\uFFFD\uFFFD\uFFFD\"")
      << "overlong";
  EXPECT_EQ(runtime::to_wave(Value::string("\xED\xA0\x80")), "\"\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(runtime::to_wave(Value::character(0x110000)), "'\\u{110000}'");
  EXPECT_EQ(runtime::to_wave(Value::character(0xD800)), "'\\u{d800}'");
}

}  // namespace
}  // namespace tenon::runtime
