// SPDX-License-Identifier: Apache-2.0
// A value is written as the bytes of the binary format while it is read, directed by its type.
// Types are followed through aliases and scopes, since values may come before validation resolves
// anything.
// Spec: Explainer.md "Value Definitions"
#include "tenon/text/parse_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "tenon/base/unicode.h"
#include "tenon/component/limits.h"
#include "tenon/text/rules.h"

namespace tenon::text {

using component::PrimValType;
using component::ValType;

namespace {

/// An integer of 8 bits is a byte, others are LEB128.
template <std::integral T>
Result<void> integer(Cursor& c, std::string_view type, Writer& out) {
  constexpr unsigned bits = 8 * sizeof(T);
  const auto wanted = fmt::format("a number of type {}", type);
  if constexpr (std::is_signed_v<T>) {
    const std::int64_t value = TENON_TRY(c.signed_int(bits, wanted));
    bits == 8 ? out.u8(static_cast<std::uint8_t>(value)) : out.s64(value);
  } else {
    const std::uint64_t value = TENON_TRY(c.unsigned_int(bits, wanted));
    bits == 8 ? out.u8(static_cast<std::uint8_t>(value)) : out.u64(value);
  }
  return {};
}

template <std::floating_point T>
Result<void> floating(Cursor& c, Writer& out) {
  const std::uint64_t bits = TENON_TRY(c.float_literal(8 * sizeof(T), rules::number_range));
  sizeof(T) == 4 ? out.fixed_u32(static_cast<std::uint32_t>(bits)) : out.fixed_u64(bits);
  return {};
}

Result<void> boolean(Cursor& c, Writer& out) {
  if (!c.at_keyword("true") && !c.at_keyword("false"))
    return std::unexpected(c.unexpected("`true` or `false`"));
  out.u8(c.at_keyword("true") ? 1 : 0);
  c.take();
  return {};
}

/// `'a'`, or a string.
Result<std::string> character(Cursor& c) {
  const std::string_view text = c.text();
  if (c.at(TokenKind::string) || text.size() < 3 || !text.starts_with('\'') ||
      !text.ends_with('\'')) {
    return c.name("a character, such as 'a'");
  }
  // The same characters and escapes as in a string.
  const std::string quoted = '"' + std::string(text.substr(1, text.size() - 2)) + '"';
  Cursor inside(quoted, c.source(), c.arena());
  auto out = inside.name();
  if (!out || !inside.at(TokenKind::eof)) {
    return std::unexpected(Error(rules::component_value, c.span(), "a `char` is one character"));
  }
  c.take();
  return out;
}

Result<void> one_character(Cursor& c, Writer& out) {
  const Span at = c.span();
  const std::string text = TENON_TRY(character(c));
  std::size_t end = 0;
  if (!text.empty()) static_cast<void>(next_scalar(text, end));
  if (text.empty() || end != text.size())
    return std::unexpected(Error(rules::component_value, at, "a `char` is one character"));
  out.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return {};
}

Result<void> prim(Cursor& c, PrimValType type, Writer& out) {
  switch (type) {
#define TENON_PRIM_BOOL(name, ...) \
  case PrimValType::name:          \
    return boolean(c, out);
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                      \
    return integer<cpp>(c, text, out);
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                        \
    return floating<cpp>(c, out);
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return one_character(c, out);
#define TENON_PRIM_STRING(id, ...)                 \
  case PrimValType::id: {                          \
    const std::string value = TENON_TRY(c.name()); \
    out.name(value);                               \
    return {};                                     \
  }
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case PrimValType::name:                   \
    break;
#include "tenon/types/primvaltypes.def"
  }
  return std::unexpected(Error(rules::component_value, c.span(), "the type has no literals"));
}

/// Values of one definition. Nesting is that of the type, which is limited.
class ValueParser {
 public:
  ValueParser(Cursor& cursor, const Scopes& scopes) : c_(cursor), scopes_(scopes) {}

  Result<void> value(ValType type, std::size_t scope, Writer& out, std::uint32_t depth = 0) {
    if (type.is_prim()) return prim(c_, type.prim(), out);
    const auto found = scopes_.value_type(scope, type.index().value);
    if (!found || depth > component::limits::type_depth) return no_literal();
    scope = found->scope;
    ++depth;
    using component::DefValType;
    return std::visit(overloaded{
                          [&](PrimValType p) { return prim(c_, p, out); },
                          [&](const component::Record& r) -> Result<void> {
                            TENON_TRY(c_.expect_open_keyword("record"));
                            for (const auto& field : r.fields)
                              TENON_TRY(value(field.type, scope, out, depth));
                            return c_.expect_close();
                          },
                          [&](const component::Tuple& t) -> Result<void> {
                            TENON_TRY(c_.expect_open_keyword("tuple"));
                            for (const ValType part : t.types)
                              TENON_TRY(value(part, scope, out, depth));
                            return c_.expect_close();
                          },
                          [&](const component::List& l) { return list(l, scope, out, depth); },
                          [&](const component::Map& m) { return map(m, scope, out, depth); },
                          [&](const component::Variant& v) -> Result<void> {
                            TENON_TRY(c_.expect_open_keyword("variant"));
                            const std::uint32_t i =
                                TENON_TRY(label(v.cases, &component::Case::label));
                            out.u32(i);
                            if (v.cases[i].type)
                              TENON_TRY(value(*v.cases[i].type, scope, out, depth));
                            return c_.expect_close();
                          },
                          [&](const component::Enum& e) -> Result<void> {
                            TENON_TRY(c_.expect_open_keyword("enum"));
                            const std::uint32_t i = TENON_TRY(label(e.labels, std::identity()));
                            out.u32(i);
                            return c_.expect_close();
                          },
                          [&](const component::Flags& f) { return flags(f, out); },
                          [&](const component::Option& o) {
                            return choice({"none", {}}, {"some", o.type}, scope, out, depth);
                          },
                          [&](const component::ResultType& r) {
                            return choice({"ok", r.ok}, {"error", r.err}, scope, out, depth);
                          },
                          [&](const auto&) { return no_literal(); },
                      },
                      *found->structure);
  }

 private:
  struct Choice {
    std::string_view word;
    std::optional<ValType> payload;
  };

  Result<void> no_literal() const {
    return std::unexpected(
        Error(rules::component_value, c_.span(), "the type has no literals")
            .help("a value of any type can be written as its bytes: `(binary \"…\")`"));
  }

  Result<void> list(const component::List& type, std::size_t scope, Writer& out,
                    std::uint32_t depth) {
    const Span at = c_.span();
    TENON_TRY(c_.expect_open_keyword("list"));
    Writer items;
    std::uint32_t count = 0;
    for (; !c_.at(TokenKind::rparen); ++count) TENON_TRY(value(type.elem, scope, items, depth));
    TENON_TRY(c_.expect_close());
    if (type.length && count != *type.length) {
      return std::unexpected(Error(rules::component_value, at,
                                   fmt::format("{} values, wanted {}", count, *type.length)));
    }
    if (!type.length) out.u32(count);
    out.bytes(items.view());
    return {};
  }

  Result<void> map(const component::Map& type, std::size_t scope, Writer& out,
                   std::uint32_t depth) {
    TENON_TRY(c_.expect_open_keyword("map"));
    Writer entries;
    std::uint32_t count = 0;
    for (; !c_.at(TokenKind::rparen); ++count) {
      TENON_TRY(c_.expect_open_keyword("entry"));
      TENON_TRY(value(type.key, scope, entries, depth));
      TENON_TRY(value(type.value, scope, entries, depth));
      TENON_TRY(c_.expect_close());
    }
    TENON_TRY(c_.expect_close());
    out.u32(count);
    out.bytes(entries.view());
    return {};
  }

  Result<void> flags(const component::Flags& type, Writer& out) {
    TENON_TRY(c_.expect_open_keyword("flags"));
    std::vector<std::uint8_t> bytes((type.labels.size() + 7) / 8);
    while (!c_.at(TokenKind::rparen)) {
      const std::uint32_t i = TENON_TRY(label(type.labels, std::identity()));
      bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | (1U << (i % 8)));
    }
    out.bytes(bytes);
    return c_.expect_close();
  }

  /// A label in quotes; its place among those of the type.
  template <class Items, class Label>
  Result<std::uint32_t> label(const Items& items, Label of) {
    const Span at = c_.span();
    const std::string name = TENON_TRY(c_.name("a label in quotes"));
    const auto found = std::ranges::find(items, name, of);
    if (found == items.end()) {
      return std::unexpected(
          Error(rules::component_value, at, fmt::format("the type has no `{}`", name)));
    }
    return static_cast<std::uint32_t>(found - items.begin());
  }

  /// `none`, `(some v)`, `ok`, `(ok v)` …: a word alone, or in parentheses with its payload.
  Result<void> choice(const Choice& zero, const Choice& one, std::size_t scope, Writer& out,
                      std::uint32_t depth) {
    const bool open = c_.at(TokenKind::lparen);
    if (open) TENON_TRY(c_.expect_open());
    const bool first = c_.at_keyword(zero.word);
    if (!first && !c_.at_keyword(one.word)) {
      return std::unexpected(c_.unexpected(fmt::format("`{}` or `{}`", zero.word, one.word)));
    }
    c_.take();
    out.u8(first ? 0 : 1);
    const std::optional<ValType>& payload = first ? zero.payload : one.payload;
    if (payload.has_value() != open) {
      return std::unexpected(
          c_.unexpected(payload ? "a value, in parentheses with the word" : "no value"));
    }
    if (!payload) return {};
    TENON_TRY(value(*payload, scope, out, depth));
    return c_.expect_close();
  }

  Cursor& c_;
  const Scopes& scopes_;
};

}  // namespace

Result<void> parse_value(Cursor& c, const Scopes& scopes, ValType type,
                         std::vector<std::uint8_t>& out) {
  if (c.eat_open("binary")) {
    static_cast<void>(c.strings(out));
    return c.expect_close("a string or `)`");
  }
  Writer bytes;
  TENON_TRY(ValueParser(c, scopes).value(type, scopes.depth() - 1, bytes));
  out = bytes.take();
  return {};
}

}  // namespace tenon::text
