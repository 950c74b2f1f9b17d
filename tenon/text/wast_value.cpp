// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/wast_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "tenon/base/unicode.h"
#include "tenon/text/number.h"
#include "tenon/text/parse_types.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

using CoreKind = CoreValue::Kind;
using Kind = ComponentValue::Kind;

constexpr int max_value_depth = 100;

Result<std::uint64_t> float_or_pattern(Cursor& c, unsigned bits, bool pattern, FloatPattern& out) {
  if (pattern && c.eat_keyword("nan:canonical")) {
    out = FloatPattern::canonical_nan;
    return 0;
  }
  if (pattern && c.eat_keyword("nan:arithmetic")) {
    out = FloatPattern::arithmetic_nan;
    return 0;
  }
  return c.float_literal(bits, rules::number_range);
}

Result<void> vector(Cursor& c, bool pattern, CoreValue& out) {
  struct Row {
    std::string_view text;
    LaneShape shape;
    unsigned lanes;
    bool is_float;
  };
  constexpr auto rows = std::to_array<Row>({
      {"i8x16", LaneShape::i8x16, 16, false},
      {"i16x8", LaneShape::i16x8, 8, false},
      {"i32x4", LaneShape::i32x4, 4, false},
      {"i64x2", LaneShape::i64x2, 2, false},
      {"f32x4", LaneShape::f32x4, 4, true},
      {"f64x2", LaneShape::f64x2, 2, true},
  });
  const std::string_view word = c.text();
  const auto* const row = std::ranges::find(rows, word, &Row::text);
  if (row == rows.end()) return std::unexpected(c.unexpected("a vector's shape, such as `i32x4`"));
  c.take();
  out.shape = row->shape;
  const unsigned bits = 128 / row->lanes;
  for (unsigned i = 0; i < row->lanes; ++i) {
    FloatPattern lane_pattern = FloatPattern::exact;
    auto lane = row->is_float ? float_or_pattern(c, bits, pattern, lane_pattern)
                              : c.int_literal(bits, rules::number_range);
    const std::uint64_t value = TENON_TRY(std::move(lane));
    if (row->is_float) out.lane_patterns[i] = lane_pattern;
    for (unsigned b = 0; b < bits / 8; ++b) {
      out.lanes[i * (bits / 8) + b] = static_cast<std::uint8_t>(value >> (8 * b));
    }
  }
  return {};
}

Result<void> reference(Cursor& c, std::string_view word, CoreValue& out) {
  struct Row {
    std::string_view text;
    RefKind kind;
  };
  constexpr auto rows = std::to_array<Row>({
      {"ref.null", RefKind::null},
      {"ref.func", RefKind::func},
      {"ref.extern", RefKind::extern_},
      {"ref.any", RefKind::any},
      {"ref.eq", RefKind::eq},
      {"ref.i31", RefKind::i31},
      {"ref.struct", RefKind::struct_},
      {"ref.array", RefKind::array},
      {"ref.exn", RefKind::exn},
      {"ref.host", RefKind::host},
  });
  const auto* const row = std::ranges::find(rows, word, &Row::text);
  if (row == rows.end())
    return std::unexpected(
        Error(rules::script_form, c.span(), fmt::format("`{}` is not a value", word)));
  out.kind = CoreKind::ref;
  out.ref = row->kind;
  if (row->kind == RefKind::null) {
    if (c.at(TokenKind::keyword)) {
      const auto heap = abstract_heap_type(c.text());
      if (!heap) return std::unexpected(c.unexpected("a heap type"));
      out.heap = *heap;
      out.has_operand = true;
      c.take();
    } else if (c.at(TokenKind::number)) {
      const std::uint32_t index = TENON_TRY(c.u32("a type's index"));
      out.heap = core::TypeIdx(index & 0xFFFFFFU);
      out.has_operand = true;
    }
  } else if (c.at(TokenKind::number)) {
    out.bits = TENON_TRY(c.u32("a number"));
    out.has_operand = true;
  }
  return {};
}

Result<CoreValue> core_value(Cursor& c, std::string_view word, bool pattern) {
  CoreValue out;
  if (word == "i32.const") {
    out.kind = CoreKind::i32;
    out.bits = TENON_TRY(c.int_literal(32, rules::number_range));
  } else if (word == "i64.const") {
    out.kind = CoreKind::i64;
    out.bits = TENON_TRY(c.int_literal(64, rules::number_range));
  } else if (word == "f32.const") {
    out.kind = CoreKind::f32;
    out.bits = TENON_TRY(float_or_pattern(c, 32, pattern, out.pattern));
  } else if (word == "f64.const") {
    out.kind = CoreKind::f64;
    out.bits = TENON_TRY(float_or_pattern(c, 64, pattern, out.pattern));
  } else if (word == "v128.const") {
    out.kind = CoreKind::v128;
    TENON_TRY(vector(c, pattern, out));
  } else {
    TENON_TRY(reference(c, word, out));
  }
  return out;
}

Result<CoreValue> either(Cursor& c) {
  CoreValue out;
  out.kind = CoreKind::either;
  while (!c.at(TokenKind::rparen)) {
    TENON_TRY(c.expect_open());
    const std::string_view word = c.text();
    if (!c.at(TokenKind::keyword)) return std::unexpected(c.unexpected("a value"));
    c.take();
    CoreValue choice = TENON_TRY(core_value(c, word, true));
    TENON_TRY(c.expect_close());
    out.choices.push_back(std::move(choice));
  }
  return out;
}

// ---- Component values ----

struct NumberRow {
  std::string_view text;
  Kind kind;
  unsigned bits;
  bool is_signed;
};
constexpr auto number_rows = std::to_array<NumberRow>({
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  {text ".const", Kind::name, 8 * (size), std::is_signed_v<cpp>},
#include "tenon/types/primvaltypes.def"
});

Result<std::uint64_t> ranged_int(Cursor& c, const NumberRow& row) {
  if (!c.at(TokenKind::number)) return std::unexpected(c.unexpected("a number"));
  const IntResult number =
      row.is_signed ? parse_signed(c.text(), row.bits) : parse_int(c.text(), row.bits);
  if (number.status == NumberStatus::malformed) return std::unexpected(c.unexpected("a number"));
  if (number.status == NumberStatus::out_of_range) {
    return std::unexpected(
        Error(rules::number_range, c.span(), fmt::format("found `{}`", c.text())));
  }
  c.take();
  return number.value;
}

bool is_value_word(std::string_view word) {
  constexpr auto words = std::to_array<std::string_view>({
      "bool.const",
      "char.const",
      "str.const",
      "list.const",
      "map.const",
      "record.const",
      "tuple.const",
      "variant.const",
      "enum.const",
      "option.none",
      "option.some",
      "result.ok",
      "result.err",
      "flags.const",
  });
  return std::ranges::find(words, word) != words.end() ||
         std::ranges::find(number_rows, word, &NumberRow::text) != number_rows.end();
}

Result<void> items(Cursor& c, ComponentValue& out, int depth) {
  while (!c.at(TokenKind::rparen)) {
    ComponentValue item = TENON_TRY(parse_component_value(c, depth + 1));
    out.items.push_back(std::move(item));
  }
  return {};
}

Result<void> payload(Cursor& c, ComponentValue& out, int depth) {
  if (c.at(TokenKind::rparen)) return {};
  ComponentValue item = TENON_TRY(parse_component_value(c, depth + 1));
  out.items.push_back(std::move(item));
  return {};
}

Result<ComponentValue> component_value(Cursor& c, std::string_view word, int depth);

Result<ComponentValue> bare_component_value(Cursor& c, int depth) {
  if (depth > max_value_depth) {
    return std::unexpected(Error(rules::nesting, c.span(),
                                 fmt::format("values nest deeper than {}", max_value_depth)));
  }
  const std::string_view word = c.text();
  c.take();
  return component_value(c, word, depth);
}

Result<void> record(Cursor& c, ComponentValue& out, int depth) {
  while (!c.at(TokenKind::rparen)) {
    TENON_TRY(c.expect_open_keyword("field"));
    std::string name = TENON_TRY(c.name("a field's name"));
    out.names.push_back(std::move(name));
    // The value of a field is with or without parentheses of its own.
    auto read = c.at(TokenKind::keyword) ? bare_component_value(c, depth + 1)
                                         : parse_component_value(c, depth + 1);
    ComponentValue item = TENON_TRY(std::move(read));
    out.items.push_back(std::move(item));
    TENON_TRY(c.expect_close());
  }
  return {};
}

Result<void> character(Cursor& c, ComponentValue& out) {
  const Span at = c.span();
  const std::string text = TENON_TRY(c.name("a string of one character"));
  std::size_t end = 0;
  if (!text.empty()) out.bits = next_scalar(text, end);
  if (text.empty() || end != text.size()) {
    return std::unexpected(
        Error(rules::script_form, at, "`char.const` takes a string of exactly one character"));
  }
  return {};
}

/// What is between the keyword and `)`.
Result<ComponentValue> component_value(Cursor& c, std::string_view word, int depth) {
  ComponentValue out;
  const auto* const number = std::ranges::find(number_rows, word, &NumberRow::text);
  if (number != number_rows.end()) {
    out.kind = number->kind;
    out.bits = TENON_TRY(ranged_int(c, *number));
  } else if (word == "bool.const") {
    out.kind = Kind::bool_;
    if (!c.at_keyword("true") && !c.at_keyword("false"))
      return std::unexpected(c.unexpected("`true` or `false`"));
    out.bits = c.at_keyword("true") ? 1 : 0;
    c.take();
  } else if (word == "f32.const" || word == "f64.const") {
    out.kind = word == "f32.const" ? Kind::f32 : Kind::f64;
    out.bits = TENON_TRY(c.float_literal(word == "f32.const" ? 32 : 64, rules::number_range));
  } else if (word == "char.const") {
    out.kind = Kind::char_;
    TENON_TRY(character(c, out));
  } else if (word == "str.const") {
    out.kind = Kind::string;
    out.text = TENON_TRY(c.name());
  } else if (word == "list.const" || word == "tuple.const") {
    out.kind = word == "list.const" ? Kind::list : Kind::tuple;
    TENON_TRY(items(c, out, depth));
  } else if (word == "map.const") {
    // A map is a list of its entries.
    out.kind = Kind::list;
    while (c.eat_open("entry")) {
      ComponentValue entry;
      entry.kind = Kind::tuple;
      TENON_TRY(items(c, entry, depth));
      TENON_TRY(c.expect_close());
      out.items.push_back(std::move(entry));
    }
  } else if (word == "record.const") {
    out.kind = Kind::record;
    TENON_TRY(record(c, out, depth));
  } else if (word == "variant.const" || word == "enum.const") {
    out.kind = word == "variant.const" ? Kind::variant : Kind::enum_;
    out.text = TENON_TRY(c.name("a case's name"));
    if (out.kind == Kind::variant) TENON_TRY(payload(c, out, depth));
  } else if (word == "option.none" || word == "option.some") {
    out.kind = Kind::option;
    if (word == "option.some") TENON_TRY(payload(c, out, depth));
  } else if (word == "result.ok" || word == "result.err") {
    out.kind = Kind::result;
    out.bits = word == "result.ok" ? 1 : 0;
    TENON_TRY(payload(c, out, depth));
  } else if (word == "flags.const") {
    out.kind = Kind::flags;
    while (c.at(TokenKind::string)) {
      std::string label = TENON_TRY(c.name());
      out.names.push_back(std::move(label));
    }
  } else {
    return std::unexpected(
        Error(rules::script_form, c.span(), fmt::format("`{}` is not a component value", word)));
  }
  return out;
}

}  // namespace

Result<ComponentValue> parse_component_value(Cursor& c, int depth) {
  if (depth > max_value_depth) {
    return std::unexpected(Error(rules::nesting, c.span(),
                                 fmt::format("values nest deeper than {}", max_value_depth)));
  }
  TENON_TRY(c.expect_open("a component value, such as `(u32.const 1)`"));
  if (!c.at(TokenKind::keyword)) return std::unexpected(c.unexpected("a component value"));
  const std::string_view word = c.text();
  c.take();
  ComponentValue out = TENON_TRY(component_value(c, word, depth));
  TENON_TRY(c.expect_close());
  return out;
}

Result<ScriptValue> parse_script_value(Cursor& c, bool pattern) {
  const std::string_view word = c.open_keyword();
  if (is_value_word(word)) {
    ComponentValue value = TENON_TRY(parse_component_value(c));
    return ScriptValue(std::move(value));
  }
  TENON_TRY(c.expect_open("a value, such as `(i32.const 1)`"));
  if (!c.at(TokenKind::keyword)) return std::unexpected(c.unexpected("a value"));
  c.take();
  auto read = pattern && word == "either" ? either(c) : core_value(c, word, pattern);
  CoreValue value = TENON_TRY(std::move(read));
  TENON_TRY(c.expect_close());
  return ScriptValue(std::move(value));
}

}  // namespace tenon::text
