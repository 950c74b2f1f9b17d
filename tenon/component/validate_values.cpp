// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <concepts>
#include <type_traits>
#include <utility>

#include "tenon/base/unicode.h"
#include "tenon/component/validate_impl.h"

namespace tenon::component {

// Values and start functions. Spec: Binary.md "Value Definitions", "Start Definitions".

/// Takes a value out of the index space: each is used exactly once.
Result<ValType> Validator::use_value(std::uint32_t idx) {
  TENON_TRY(gate(core::Gate::cm_values, "a value"));
  Scope& s = scope();
  TENON_TRY(check_index(s.values, idx, "value"));
  if (s.values[idx].used)
    return fail(rules::value_used, fmt::format("value {} cannot be used more than once", idx));
  s.values[idx].used = true;
  return s.values[idx].type;
}

Result<void> Validator::start(const Start& start) {
  TENON_TRY(gate(core::Gate::cm_values, "a start function"));
  TENON_TRY(check_index(scope().funcs, start.func.value, "function"));
  const Tid func = scope().funcs[start.func.value];
  const FuncType& type = types_.shape(func);
  if (type.params.size() != start.args.size()) {
    return fail(rules::start_type,
                fmt::format("component start function requires {} arguments but was given {}",
                            type.params.size(), start.args.size()));
  }
  const std::uint32_t results = type.result ? 1 : 0;
  if (results != start.results) {
    return fail(rules::start_type,
                fmt::format("component start function has a result count of {} but the function "
                            "type has a result count of {}",
                            start.results, results));
  }
  for (std::size_t i = 0; i < start.args.size(); ++i) {
    const ValType arg = TENON_TRY(use_value(start.args[i].value));
    if (const Reason why = matcher_.match_value(arg, types_.parts(func)[i])) {
      return fail(
          rules::start_type,
          fmt::format("value type mismatch for component start function argument {}: {}", i, *why));
    }
  }
  if (!type.result) return {};
  return add_entity({ExternKind::value, 0, types_.parts(func).back()});
}

Result<void> Validator::value(const Value& value) {
  TENON_TRY(gate(core::Gate::cm_values, "a value definition"));
  const ValType type = TENON_TRY(val(value.type));
  Reader in(value.bytes, span_.source, span_.begin);
  TENON_TRY(value_bytes(in, types_.canon(type)));
  if (!in.at_end())
    return fail(rules::value_bytes, fmt::format("{} bytes are left over", in.left()));
  return add_entity({ExternKind::value, 0, type});
}

namespace {

/// An integer of 8 bits is a byte, others are LEB128. False: it is too large for its type.
template <std::integral T>
Result<bool> read_integer(Reader& in, const char* type) {
  if constexpr (sizeof(T) == 1) {
    [[maybe_unused]] const std::uint8_t b = TENON_TRY(in.u8("byte"));
    return true;
  } else if constexpr (sizeof(T) == 8) {
    if constexpr (std::is_signed_v<T>) {
      [[maybe_unused]] const std::int64_t v = TENON_TRY(in.s64(type));
    } else {
      [[maybe_unused]] const std::uint64_t v = TENON_TRY(in.u64(type));
    }
    return true;
  } else if constexpr (std::is_signed_v<T>) {
    const std::int32_t v = TENON_TRY(in.s32(type));
    return std::in_range<T>(v);
  } else {
    const std::uint32_t v = TENON_TRY(in.u32(type));
    return std::in_range<T>(v);
  }
}

/// Of the floats only the canonical NaN is a value.
template <std::floating_point T>
Result<bool> read_float(Reader& in, const char* type) {
  if constexpr (sizeof(T) == 4) {
    const std::uint32_t v = TENON_TRY(in.fixed_u32(type));
    return !std::isnan(std::bit_cast<float>(v)) || v == 0x7FC00000U;
  } else {
    const std::uint64_t v = TENON_TRY(in.fixed_u64(type));
    return !std::isnan(std::bit_cast<double>(v)) || v == 0x7FF8000000000000ULL;
  }
}

Result<bool> read_char(Reader& in, const char* type) {
  const std::uint8_t first = in.at_end() ? 0 : in.peek();
  const std::size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const ByteSpan bytes = TENON_TRY(in.bytes(n, type));
  return is_utf8(bytes);
}

}  // namespace

Result<void> Validator::prim_bytes(Reader& in, PrimValType type) {
  const auto bad = [&](const char* detail) -> Result<void> {
    return fail(rules::value_bytes, detail);
  };
  switch (type) {
#define TENON_PRIM_BOOL(name, text, ...)                      \
  case PrimValType::name: {                                   \
    const std::uint8_t b = TENON_TRY(in.u8(text));            \
    return b <= 1 ? Result<void>{} : bad("a bool is 0 or 1"); \
  }
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...)                                     \
  case PrimValType::name: {                                                                        \
    const bool fits = TENON_TRY(read_integer<cpp>(in, text));                                      \
    if (fits) return {};                                                                           \
    return bad(std::is_signed_v<cpp> ? "an " text " is out of range" : "a " text " is too large"); \
  }
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...)       \
  case PrimValType::name: {                                            \
    const bool canonical = TENON_TRY(read_float<cpp>(in, text));       \
    return canonical ? Result<void>{} : bad("a NaN is not canonical"); \
  }
#define TENON_PRIM_CHAR(name, text, ...)                              \
  case PrimValType::name: {                                           \
    const bool valid = TENON_TRY(read_char(in, text));                \
    return valid ? Result<void>{} : bad("a char is not valid UTF-8"); \
  }
#define TENON_PRIM_STRING(id, text, ...)                                  \
  case PrimValType::id: {                                                 \
    [[maybe_unused]] const std::string_view s = TENON_TRY(in.name(text)); \
    return {};                                                            \
  }
#define TENON_PRIM_ERROR_CONTEXT(name, text, ...) \
  case PrimValType::name:                         \
    return bad("an `" text "` has no literal");
#include "tenon/types/primvaltypes.def"
  }
  return {};
}

/// Spec: Binary.md "Value Definitions" (val). Canonical types; recursion is bounded by the type's
/// depth.
Result<void> Validator::value_bytes(Reader& in, ValType type) {
  if (type.is_prim()) return prim_bytes(in, type.prim());
  const auto bad = [&](const char* detail) -> Result<void> {
    return fail(rules::value_bytes, detail);
  };
  const auto index = [&](std::size_t size) -> Result<std::uint32_t> {
    const std::uint32_t i = TENON_TRY(in.u32("case"));
    if (i >= size) return fail(rules::value_bytes, fmt::format("case {} of {}", i, size));
    return i;
  };
  const auto choice = [&](const std::optional<ValType>& zero,
                          const std::optional<ValType>& one) -> Result<void> {
    const std::uint8_t b = TENON_TRY(in.u8("case"));
    if (b > 1) return bad("a case is 0 or 1");
    const std::optional<ValType>& payload = b == 0 ? zero : one;
    return payload ? value_bytes(in, *payload) : Result<void>{};
  };
  const auto repeat = [&](std::uint32_t n, ValType elem) -> Result<void> {
    for (std::uint32_t i = 0; i < n; ++i) TENON_TRY(value_bytes(in, elem));
    return {};
  };
  return std::visit(
      overloaded{
          [&](const Record& r) -> Result<void> {
            for (const LabelValType& f : r.fields) TENON_TRY(value_bytes(in, f.type));
            return {};
          },
          [&](const Variant& v) -> Result<void> {
            const std::uint32_t i = TENON_TRY(index(v.cases.size()));
            return v.cases[i].type ? value_bytes(in, *v.cases[i].type) : Result<void>{};
          },
          [&](const List& l) -> Result<void> {
            if (l.length) return repeat(*l.length, l.elem);
            const std::uint32_t n = TENON_TRY(in.count("list"));
            return repeat(n, l.elem);
          },
          [&](const Tuple& t) -> Result<void> {
            for (const ValType e : t.types) TENON_TRY(value_bytes(in, e));
            return {};
          },
          [&](const Flags& f) -> Result<void> {
            [[maybe_unused]] const ByteSpan b =
                TENON_TRY(in.bytes((f.labels.size() + 7) / 8, "flags"));
            return {};
          },
          [&](const Enum& e) -> Result<void> {
            [[maybe_unused]] const std::uint32_t i = TENON_TRY(index(e.labels.size()));
            return {};
          },
          [&](const Option& o) { return choice(std::nullopt, o.type); },
          [&](const ResultType& r) { return choice(r.ok, r.err); },
          [&](const Map& m) -> Result<void> {
            const std::uint32_t n = TENON_TRY(in.count("map"));
            for (std::uint32_t i = 0; i < n; ++i) {
              TENON_TRY(value_bytes(in, m.key));
              TENON_TRY(value_bytes(in, m.value));
            }
            return {};
          },
          [&](const auto&) { return bad("values of this type have no literal"); },
      },
      types_.canon_value(type.index()));
}

}  // namespace tenon::component
