// SPDX-License-Identifier: Apache-2.0
// Validation has checked the bytes against the type; only size is limited here, because a few bytes
// can name records with long labels.
// Spec: Binary.md "Value Definitions"
#include "tenon/runtime/literal.h"

#include <bit>
#include <concepts>
#include <type_traits>

#include "tenon/base/narrow.h"
#include "tenon/base/unicode.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

namespace {

using component::PrimValType;

/// Bytes that one literal may grow to: each record brings the labels of its type.
constexpr std::size_t max_bytes = std::size_t{64} << 20U;

/// Reads values type by type. Nesting is that of the type, which validation has limited.
class LiteralReader {
 public:
  explicit LiteralReader(ByteSpan bytes) : in_(bytes, 0, 0) {}

  Result<Value> value(const TypeView& type) {
    TENON_TRY(charge(sizeof(Value)));
    const auto* def = type.def();
    if (def == nullptr) return prim(type.type.prim());
    return std::visit([&](const auto& x) { return read(x, type); }, *def);
  }

 private:
  Result<void> charge(std::size_t bytes) {
    if (bytes > left_)
      return std::unexpected(Error(rules::limit, Span::none(), "a value definition is too large"));
    left_ -= bytes;
    return {};
  }

  /// An integer of 8 bits is a byte, others are LEB128; a float lies as its bits.
  template <class T>
  Result<T> number(const char* what) {
    if constexpr (std::same_as<T, float>) {
      const auto bits = TENON_TRY(in_.fixed_u32(what));
      return std::bit_cast<T>(bits);
    } else if constexpr (std::same_as<T, double>) {
      const auto bits = TENON_TRY(in_.fixed_u64(what));
      return std::bit_cast<T>(bits);
    } else if constexpr (sizeof(T) == 1) {
      const auto byte = TENON_TRY(in_.u8(what));
      return low_bits<T>(byte);
    } else if constexpr (std::is_signed_v<T>) {
      if constexpr (sizeof(T) == 8) return in_.s64(what);
      const auto v = TENON_TRY(in_.s32(what));
      return low_bits<T>(v);
    } else {
      if constexpr (sizeof(T) == 8) return in_.u64(what);
      const auto v = TENON_TRY(in_.u32(what));
      return low_bits<T>(v);
    }
  }
  Result<Value> prim(PrimValType type) {
    switch (type) {
#define TENON_PRIM_BOOL(name, text, ...)       \
  case PrimValType::name: {                    \
    const auto byte = TENON_TRY(in_.u8(text)); \
    return Value::boolean(byte != 0);          \
  }
#define TENON_PRIM(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name: {                                \
    const auto value = TENON_TRY(number<cpp>(text));       \
    return Value::name(value);                             \
  }
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return character();
#define TENON_PRIM_STRING(id, text, ...)          \
  case PrimValType::id: {                         \
    const auto value = TENON_TRY(in_.name(text)); \
    TENON_TRY(charge(value.size()));              \
    return Value::id(std::string(value));         \
  }
#define TENON_PRIM_ERROR_CONTEXT(name, ...) \
  case PrimValType::name:                   \
    break;
#include "tenon/types/primvaltypes.def"
    }
    return no_literal();
  }
  /// UTF-8 without a length.
  Result<Value> character() {
    const auto rest = in_.rest();
    std::size_t length = 0;
    const auto c = next_scalar({reinterpret_cast<const char*>(rest.data()), rest.size()}, length);
    in_.skip(length);
    return Value::character(c);
  }
  static std::unexpected<Error> no_literal() {
    return std::unexpected(
        Error(rules::unsupported, Span::none(), "values of this type have no literal"));
  }

  Result<std::vector<Value>> items(std::uint32_t n, const TypeView& elem) {
    std::vector<Value> out;
    for (std::uint32_t i = 0; i < n; ++i) {
      auto item = TENON_TRY(value(elem));
      out.push_back(std::move(item));
    }
    return out;
  }
  /// The payload of a case, if it has one.
  Result<std::optional<Value>> payload(const TypeView& of, const std::optional<ValType>& type) {
    if (!type) return std::nullopt;
    auto out = TENON_TRY(value(of.at(*type)));
    return std::optional(std::move(out));
  }

  Result<Value> read(PrimValType type, const TypeView&) { return prim(type); }
  Result<Value> read(const component::Record& r, const TypeView& of) {
    std::vector<Value::Field> fields;
    for (const auto& f : r.fields) {
      TENON_TRY(charge(sizeof(std::string) + f.label.size()));
      auto item = TENON_TRY(value(of.at(f.type)));
      fields.push_back({f.label, std::move(item)});
    }
    return Value::record(std::move(fields));
  }
  Result<Value> read(const component::Variant& v, const TypeView& of) {
    const auto i = TENON_TRY(in_.u32("case"));
    const auto& c = v.cases[i];
    TENON_TRY(charge(c.label.size()));
    auto held = TENON_TRY(payload(of, c.type));
    return Value::variant(c.label, std::move(held));
  }
  Result<Value> read(const component::List& l, const TypeView& of) {
    const auto elem = of.at(l.elem);
    const auto n = TENON_TRY(l.length ? Result<std::uint32_t>(*l.length) : in_.count("list"));
    if (elem.prim() == PrimValType::u8) {
      const auto bytes = TENON_TRY(in_.bytes(n, "list"));
      TENON_TRY(charge(n));
      return Value::bytes({bytes.begin(), bytes.end()});
    }
    auto list = TENON_TRY(items(n, elem));
    return Value::list(std::move(list));
  }
  Result<Value> read(const component::Tuple& t, const TypeView& of) {
    std::vector<Value> out;
    for (const auto e : t.types) {
      auto item = TENON_TRY(value(of.at(e)));
      out.push_back(std::move(item));
    }
    return Value::tuple(std::move(out));
  }
  Result<Value> read(const component::Flags& f, const TypeView&) {
    const auto bytes = TENON_TRY(in_.bytes((f.labels.size() + 7) / 8, "flags"));
    std::vector<std::string> set;
    for (std::size_t i = 0; i < f.labels.size(); ++i) {
      if ((bytes[i / 8] >> (i % 8) & 1) == 0) continue;
      TENON_TRY(charge(sizeof(std::string) + f.labels[i].size()));
      set.push_back(f.labels[i]);
    }
    return Value::flags(std::move(set));
  }
  Result<Value> read(const component::Enum& e, const TypeView&) {
    const auto i = TENON_TRY(in_.u32("case"));
    TENON_TRY(charge(e.labels[i].size()));
    return Value::enumeration(e.labels[i]);
  }
  Result<Value> read(const component::Option& o, const TypeView& of) {
    const auto some = TENON_TRY(in_.u8("case"));
    if (some == 0) return Value::none();
    auto held = TENON_TRY(value(of.at(o.type)));
    return Value::some(std::move(held));
  }
  Result<Value> read(const component::ResultType& r, const TypeView& of) {
    const auto i = TENON_TRY(in_.u8("case"));
    auto held = TENON_TRY(payload(of, i == 0 ? r.ok : r.err));
    return i == 0 ? Value::ok(std::move(held)) : Value::err(std::move(held));
  }
  Result<Value> read(const component::Map& m, const TypeView& of) {
    const auto n = TENON_TRY(in_.count("map"));
    std::vector<Value> pairs;
    for (std::uint32_t i = 0; i < n; ++i) {
      TENON_TRY(charge(sizeof(Value)));
      auto key = TENON_TRY(value(of.at(m.key)));
      auto held = TENON_TRY(value(of.at(m.value)));
      std::vector<Value> pair;
      pair.push_back(std::move(key));
      pair.push_back(std::move(held));
      pairs.push_back(Value::tuple(std::move(pair)));
    }
    return Value::list(std::move(pairs));
  }
  Result<Value> read(const component::Own&, const TypeView&) { return no_literal(); }
  Result<Value> read(const component::Borrow&, const TypeView&) { return no_literal(); }
  Result<Value> read(const component::Stream&, const TypeView&) { return no_literal(); }
  Result<Value> read(const component::Future&, const TypeView&) { return no_literal(); }

  Reader in_;
  std::size_t left_ = max_bytes;
};

}  // namespace

Result<Value> read_literal(ByteSpan bytes, const TypeView& type) {
  return LiteralReader(bytes).value(type);
}

}  // namespace tenon::runtime
