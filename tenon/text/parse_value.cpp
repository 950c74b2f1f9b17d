// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/parse_value.h"

#include <fmt/format.h>

#include <bit>

#include "tenon/base/unicode.h"
#include "tenon/text/rules.h"

namespace tenon::text {

using component::PrimValType;
using component::ValType;

namespace {

Result<void> integer(Cursor& c, unsigned bits, bool is_signed, Writer& out) {
  const std::uint64_t value =
      TENON_TRY(c.int_literal(is_signed ? bits : bits, rules::number_range));
  if (bits == 8) {
    out.u8(static_cast<std::uint8_t>(value));
  } else if (is_signed) {
    const unsigned shift = 64 - bits;
    out.s64(static_cast<std::int64_t>(value << shift) >> shift);
  } else {
    out.u64(value);
  }
  return {};
}

Result<void> prim(Cursor& c, PrimValType type, Writer& out) {
  switch (type) {
    case PrimValType::bool_:
      if (!c.at_keyword("true") && !c.at_keyword("false"))
        return std::unexpected(c.unexpected("`true` or `false`"));
      out.u8(c.at_keyword("true") ? 1 : 0);
      c.take();
      return {};
    case PrimValType::s8:
      return integer(c, 8, true, out);
    case PrimValType::u8:
      return integer(c, 8, false, out);
    case PrimValType::s16:
      return integer(c, 16, true, out);
    case PrimValType::u16:
      return integer(c, 16, false, out);
    case PrimValType::s32:
      return integer(c, 32, true, out);
    case PrimValType::u32:
      return integer(c, 32, false, out);
    case PrimValType::s64:
      return integer(c, 64, true, out);
    case PrimValType::u64:
      return integer(c, 64, false, out);
    case PrimValType::f32: {
      const std::uint64_t bits = TENON_TRY(c.float_literal(32, rules::number_range));
      out.fixed_u32(static_cast<std::uint32_t>(bits));
      return {};
    }
    case PrimValType::f64: {
      const std::uint64_t bits = TENON_TRY(c.float_literal(64, rules::number_range));
      out.fixed_u64(bits);
      return {};
    }
    case PrimValType::string: {
      const std::string text = TENON_TRY(c.name());
      out.name(text);
      return {};
    }
    case PrimValType::char_: {
      const Span at = c.span();
      const std::string text = TENON_TRY(c.name("a string of one character"));
      std::size_t end = 0;
      if (!text.empty()) static_cast<void>(next_scalar(text, end));
      if (text.empty() || end != text.size()) {
        return std::unexpected(Error(rules::component_value, at, "a `char` is one character"));
      }
      out.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
      return {};
    }
    case PrimValType::error_context:
      break;
  }
  return std::unexpected(Error(rules::component_value, c.span(), "the type has no literals"));
}

}  // namespace

Result<void> parse_value(Cursor& c, ValType type, std::vector<std::uint8_t>& out) {
  if (c.eat_open("binary")) {
    static_cast<void>(c.strings(out));
    return c.expect_close("a string or `)`");
  }
  if (!type.is_prim()) {
    return std::unexpected(
        Error(rules::component_value, c.span(),
              "a value of a constructed type is written as its bytes: `(binary \"…\")`"));
  }
  Writer bytes;
  TENON_TRY(prim(c, type.prim(), bytes));
  out = bytes.take();
  return {};
}

}  // namespace tenon::text
