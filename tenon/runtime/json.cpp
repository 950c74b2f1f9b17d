// SPDX-License-Identifier: Apache-2.0
// Values in JSON, directed by the type. 64-bit integers beyond 2^53 are strings, since many readers
// of JSON use doubles; NaN and infinities are strings too. Errors suggest what to write for the
// spellings of options and results that people try.
#include "tenon/runtime/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "tenon/base/narrow.h"
#include "tenon/base/number.h"
#include "tenon/base/unicode.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/wave.h"
#include "tenon/runtime/wave_meant.h"

namespace tenon::runtime {

using component::PrimValType;

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text) {
  // With `=` or without: at most two, behind whole groups of four.
  const auto whole = text.size();
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() != whole && (whole % 4 != 0 || whole - text.size() > 2)) return std::nullopt;
  std::vector<std::uint8_t> out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    std::uint32_t v = 0;
    if (c >= 'A' && c <= 'Z') {
      v = low_bits<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      v = low_bits<std::uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      v = low_bits<std::uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '-') {
      v = 62;
    } else if (c == '/' || c == '_') {
      v = 63;
    } else {
      return std::nullopt;
    }
    bits = (bits << 6U) | v;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out.push_back(low_bits<std::uint8_t>(bits >> narrow<unsigned>(have)));
    }
  }
  // Bits that are left over belong to no byte: the text was cut or is another encoding.
  if (text.size() % 4 == 1 || (bits & ((1U << narrow<unsigned>(have)) - 1)) != 0)
    return std::nullopt;
  return out;
}

namespace {

constexpr int max_depth = 100;
/// Of a value in a help.
constexpr std::size_t max_shown = 200;

class FromJson {
 public:
  explicit FromJson(const JsonWord& word) : word_(word) {}

  Result<Value> value(const Json& j, const TypeView& type, int depth) {
    if (depth > max_depth) return std::unexpected(Error(rules::value_depth, j.span()));
    if (j.is_object() && !j.members().empty() && j.members().front().first.starts_with('$'))
      return word(j, type);
    if (const auto p = type.prim()) return prim(j, *p);
    return std::visit([&](const auto& t) { return def(j, type, t, depth + 1); }, *type.def());
  }

 private:
  static Error fail(const Json& j, std::string wanted) {
    return {rules::json_value, j.span(),
            fmt::format("{} is given, {} is wanted", j.describe(), wanted)};
  }

  Result<Value> word(const Json& j, const TypeView& type) {
    const auto& [name, content] = j.members().front();
    if (name == "$wave" && content.is_string()) {
      auto value = parse_wave(content.text(), type);
      if (value) return value;
      Error error(rules::json_value, content.span(), value.error().text());
      if (const auto meant = meant_value(content.text(), type)) {
        const std::string text = to_wave(meant->value, type, max_shown);
        error = std::move(error).help(
            write_help(fmt::format("{{ \"$wave\": {} }}", Json::quote(text)), meant->missing));
      }
      return std::unexpected(std::move(error));
    }
    if (name == "$base64" && content.is_string()) {
      auto bytes = base64_decode(content.text());
      if (!bytes) return std::unexpected(fail(content, "base64 text"));
      auto value = Value::bytes(*std::move(bytes));
      if (!check(value, type)) return std::unexpected(fail(j, to_string(type)));
      return value;
    }
    if (word_) {
      if (auto result = word_(j, type)) return *std::move(result);
    }
    return std::unexpected(
        Error(rules::json_value, j.span(), fmt::format("`{}` means nothing here", name)));
  }

  Result<Value> character(const Json& j) {
    std::size_t at = 0;
    if (!j.is_string() || j.text().empty() || !is_utf8(j.text()))
      return std::unexpected(fail(j, "a string of one character"));
    const auto c = next_scalar(j.text(), at);
    if (at != j.text().size()) return std::unexpected(fail(j, "a string of one character"));
    return Value::character(c);
  }
  Result<Value> prim(const Json& j, PrimValType p) {
    switch (p) {
#define TENON_PRIM_BOOL(name, ...)                                      \
  case PrimValType::name:                                               \
    if (!j.is_bool()) return std::unexpected(fail(j, "true or false")); \
    return Value::boolean(j.as_bool());
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                      \
    return integer<cpp>(j, &Value::name, text);
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                        \
    return floating<cpp>(j, &Value::name, text);
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return character(j);
#define TENON_PRIM(name, ...)                                        \
  case PrimValType::name:                                            \
    if (!j.is_string()) return std::unexpected(fail(j, "a string")); \
    return Value::name(j.text());
#include "tenon/types/primvaltypes.def"
    }
    return std::unexpected(fail(j, "a value"));
  }
  Result<Value> def(const Json& j, const TypeView&, PrimValType p, int) { return prim(j, p); }

  template <class T>
  Result<Value> integer(const Json& j, Value (*make)(T), std::string_view name) {
    const auto wanted = [&] {
      return fmt::format("a {} ({} to {})", name, +std::numeric_limits<T>::min(),
                         +std::numeric_limits<T>::max());
    };
    if (!j.is_number() && !(sizeof(T) == 8 && j.is_string()))
      return std::unexpected(fail(j, wanted()));
    if (j.is_string()) {
      const auto* end = j.text().data() + j.text().size();
      T v = 0;
      if (const auto [ptr, ec] = std::from_chars(j.text().data(), end, v);
          ec == std::errc() && ptr == end) {
        return make(v);
      }
    } else if (const auto i = exact_integer(j.text())) {
      // 1e3 and 5.0 are integers too.
      if (const auto v = to_int<T>(*i)) return make(*v);
    }
    return std::unexpected(fail(j, wanted()));
  }
  template <class F>
  Result<Value> floating(const Json& j, Value (*make)(F), std::string_view name) {
    if (j.is_string()) {
      if (j.text() == "nan") return make(std::numeric_limits<F>::quiet_NaN());
      if (j.text() == "inf") return make(std::numeric_limits<F>::infinity());
      if (j.text() == "-inf") return make(-std::numeric_limits<F>::infinity());
    }
    if (!j.is_number()) return std::unexpected(fail(j, "a number, \"nan\", \"inf\" or \"-inf\""));
    F v = 0;
    if (parse_float(j.text(), v) != std::errc()) {
      return std::unexpected(fail(
          j, fmt::format("an {} (at most {} in magnitude)", name, std::numeric_limits<F>::max())));
    }
    return make(v);
  }

  Result<Value> def(const Json& j, const TypeView& type, const component::Record& t, int depth) {
    if (!j.is_object()) return std::unexpected(fail(j, to_string(type)));
    for (const auto& [name, member] : j.members()) {
      if (std::ranges::find(t.fields, name, &component::LabelValType::label) == t.fields.end()) {
        return std::unexpected(
            Error(rules::json_value, member.span(),
                  fmt::format("there is no field `{}` in {}", name, to_string(type))));
      }
    }
    std::vector<Value::Field> fields;
    for (const auto& f : t.fields) {
      const auto field_type = type.at(f.type);
      const auto* member = j.find(f.label);
      if (member == nullptr) {
        const auto* d = field_type.def();
        if (d == nullptr || !std::holds_alternative<component::Option>(*d)) {
          return std::unexpected(
              Error(rules::json_value, j.span(), fmt::format("field `{}` is missing", f.label)));
        }
        fields.push_back({f.label, Value::none()});
        continue;
      }
      auto v = TENON_TRY(value(*member, field_type, depth));
      fields.push_back({f.label, std::move(v)});
    }
    return Value::record(std::move(fields));
  }

  Result<Value> def(const Json& j, const TypeView& type, const component::Variant& t, int depth) {
    const bool named = j.is_object() && j.members().size() == 1;
    if (!named && !j.is_string()) return std::unexpected(fail(j, to_string(type)));
    const auto& label = named ? j.members().front().first : j.text();
    for (const auto& c : t.cases) {
      if (c.label != label) continue;
      if (named != c.type.has_value() && !(named && j.members().front().second.is_null())) {
        return std::unexpected(
            fail(j, c.type ? fmt::format("{{ \"{}\": … }}", label) : fmt::format("\"{}\"", label)));
      }
      if (!c.type) return Value::variant(c.label);
      auto payload = TENON_TRY(value(j.members().front().second, type.at(*c.type), depth));
      return Value::variant(c.label, std::move(payload));
    }
    return std::unexpected(
        Error(rules::json_value, j.span(),
              fmt::format("there is no case `{}` in {}", label, to_string(type))));
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::Enum& t, int) {
    if (!j.is_string() || std::ranges::find(t.labels, j.text()) == t.labels.end()) {
      return std::unexpected(fail(j, to_string(type)));
    }
    return Value::enumeration(j.text());
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::Flags& t, int) {
    if (!j.is_array()) return std::unexpected(fail(j, to_string(type)));
    std::vector<std::string> labels;
    for (const auto& label : t.labels) {
      const auto given = [&](const Json& i) { return i.is_string() && i.text() == label; };
      const auto times = std::ranges::count_if(j.items(), given);
      if (times > 1)
        return std::unexpected(
            Error(rules::json_value, j.span(), fmt::format("the flag `{}` is there twice", label)));
      if (times == 1) labels.push_back(label);
    }
    for (const auto& i : j.items()) {
      if (!i.is_string() || std::ranges::find(t.labels, i.text()) == t.labels.end()) {
        return std::unexpected(fail(i, to_string(type)));
      }
    }
    return Value::flags(std::move(labels));
  }

  Result<Value> def(const Json& j, const TypeView& type, const component::List& t, int depth) {
    if (!j.is_array()) return std::unexpected(fail(j, to_string(type)));
    if (t.length && *t.length != j.items().size()) return std::unexpected(fail(j, to_string(type)));
    const auto elem = type.at(t.elem);
    std::vector<Value> items;
    items.reserve(j.items().size());
    for (const auto& i : j.items()) {
      auto v = TENON_TRY(value(i, elem, depth));
      items.push_back(std::move(v));
    }
    if (t.length || elem.prim() != PrimValType::u8) return Value::list(std::move(items));
    std::vector<std::uint8_t> bytes;
    bytes.reserve(items.size());
    for (const auto& i : items) bytes.push_back(low_bits<std::uint8_t>(i.as_unsigned()));
    return Value::bytes(std::move(bytes));
  }
  Result<Value> tuple(const Json& j, const TypeView& type, std::span<const ValType> types,
                      int depth) {
    if (!j.is_array() || j.items().size() != types.size()) {
      return std::unexpected(fail(j, fmt::format("an array of {}", types.size())));
    }
    std::vector<Value> items;
    for (std::size_t i = 0; i < types.size(); ++i) {
      auto v = TENON_TRY(value(j.items()[i], type.at(types[i]), depth));
      items.push_back(std::move(v));
    }
    return Value::tuple(std::move(items));
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::Tuple& t, int depth) {
    return tuple(j, type, t.types, depth);
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::Map& t, int depth) {
    if (!j.is_array()) return std::unexpected(fail(j, "an array of pairs"));
    const std::vector<ValType> pair = {t.key, t.value};
    std::vector<Value> items;
    for (const auto& i : j.items()) {
      auto v = TENON_TRY(tuple(i, type, pair, depth));
      items.push_back(std::move(v));
    }
    return Value::list(std::move(items));
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::Option& t, int depth) {
    if (j.is_null()) return Value::none();
    const auto payload_type = type.at(t.type);
    const auto* d = payload_type.def();
    const bool nested = d != nullptr && std::holds_alternative<component::Option>(*d);
    if (nested) {
      const auto* some = j.members().size() == 1 ? j.find("some") : nullptr;
      if (some == nullptr) return std::unexpected(fail(j, "null or { \"some\": … }"));
      auto v = TENON_TRY(value(*some, payload_type, depth));
      return Value::some(std::move(v));
    }
    auto v = value(j, payload_type, depth);
    if (!v) return std::unexpected(no_option(j, type, std::move(v).error()));
    return Value::some(*std::move(v));
  }
  /// `{ "some": 1 }`, `{ "none": null }` and `"none"` where the value alone or null is written.
  static Error no_option(const Json& j, const TypeView& type, Error error) {
    constexpr std::size_t most = 200;
    const bool named = j.is_object() && j.members().size() == 1;
    const std::string_view label = named           ? std::string_view(j.members().front().first)
                                   : j.is_string() ? std::string_view(j.text())
                                                   : std::string_view();
    const bool none = label == "none" || label == "None";
    const bool some = named && (label == "some" || label == "Some");
    if ((!none && !some) || !error.help_text().empty()) return error;
    const std::string text = none ? "null" : j.members().front().second.dump();
    return std::move(error).help(fmt::format("an {} is the value alone, or null: write {}",
                                             to_string(type),
                                             text.size() > most ? "what follows the name" : text));
  }
  /// What is neither `ok` nor `err`: the value of `ok` alone, or another word for `err`.
  Error no_result(const Json& j, const TypeView& type, const component::ResultType& t) {
    constexpr std::size_t most = 200;
    constexpr std::string_view words_for_err[] = {"error", "Err", "Error", "failure", "ERR"};
    constexpr std::string_view words_for_ok[] = {"value", "Ok", "OK", "success", "result"};
    const auto row = [&](std::string_view label, const std::optional<ValType>& payload,
                         const Json* content) {
      if (!payload) return fmt::format("write \"{}\"", label);
      const std::string text = content == nullptr ? "…" : content->dump();
      return fmt::format("write {{ \"{}\": {} }}", label, text.size() > most ? "…" : text);
    };
    auto error = fail(j, to_string(type));
    const bool named = j.is_object() && j.members().size() == 1;
    const std::string_view label = named           ? std::string_view(j.members().front().first)
                                   : j.is_string() ? std::string_view(j.text())
                                                   : std::string_view();
    const Json* const content = named ? &j.members().front().second : nullptr;
    // `"ok(0.5)"` and `["ok", 0.5]`.
    if (j.is_array() || (j.is_string() && j.text().contains('('))) {
      const auto meant = meant_value(j.is_string() ? j.text() : j.dump(), type);
      if (meant && meant->missing.empty())
        return std::move(error).help(fmt::format("write {}", value_to_json(meant->value).dump()));
    }
    if (std::ranges::find(words_for_err, label) != std::end(words_for_err))
      return std::move(error).help(row("err", t.err, content));
    if (std::ranges::find(words_for_ok, label) != std::end(words_for_ok))
      return std::move(error).help(row("ok", t.ok, content));
    if (hinting_) return error;  // results of results would be tried again and again
    const auto fits = [&](const std::optional<ValType>& payload) {
      hinting_ = true;
      const bool good = payload && value(j, type.at(*payload), 1);
      hinting_ = false;
      return good;
    };
    if (fits(t.ok)) return std::move(error).help(row("ok", t.ok, &j));
    if (fits(t.err)) return std::move(error).help(row("err", t.err, &j));
    return std::move(error).help(row("ok", t.ok, nullptr) + ", or" +
                                 row("err", t.err, nullptr).substr(5));
  }
  Result<Value> def(const Json& j, const TypeView& type, const component::ResultType& t,
                    int depth) {
    const bool named = j.is_object() && j.members().size() == 1;
    const auto& label = named ? j.members().front().first : j.text();
    if ((!named && !j.is_string()) || (label != "ok" && label != "err"))
      return std::unexpected(no_result(j, type, t));
    const bool ok = label == "ok";
    const auto& payload_type = ok ? t.ok : t.err;
    if (named != payload_type.has_value() && !(named && j.members().front().second.is_null())) {
      return std::unexpected(fail(j, to_string(type))
                                 .help(payload_type ? fmt::format("write {{ \"{}\": … }}", label)
                                                    : fmt::format("write \"{}\"", label)));
    }
    if (!payload_type) return ok ? Value::ok() : Value::err();
    auto v = TENON_TRY(value(j.members().front().second, type.at(*payload_type), depth));
    return ok ? Value::ok(std::move(v)) : Value::err(std::move(v));
  }
  template <class Handle>
  Result<Value> def(const Json& j, const TypeView&, const Handle&, int) {
    return std::unexpected(fail(j, "a handle of a resource (which JSON cannot spell)"));
  }

  const JsonWord& word_;
  /// Whether values are only tried for the sake of a hint.
  bool hinting_ = false;
};

Json float_to_json(double v, bool single) {
  if (std::isnan(v)) return Json::string("nan");
  if (std::isinf(v)) return Json::string(v < 0 ? "-inf" : "inf");
  auto text = single ? fmt::format("{}", static_cast<float>(v)) : fmt::format("{}", v);
  return Json::number(std::move(text));
}

Json payload_json(std::string label, const Value& v) {
  if (v.payload() == nullptr) return Json::string(std::move(label));
  return Json::object({{std::move(label), value_to_json(*v.payload())}});
}

Json list_json(const Value& v) {
  std::vector<Json> items;
  items.reserve(v.size());
  if (v.is_bytes()) {
    for (const auto b : v.bytes()) items.push_back(Json::number(std::int64_t{b}));
  } else {
    for (const auto& i : v.items()) items.push_back(value_to_json(i));
  }
  return Json::array(std::move(items));
}

Json integer_json(const Value& v) {
  constexpr std::int64_t exact = std::int64_t{1} << 53U;
  if (v.is(ValueKind::u64)) {
    auto text = fmt::format("{}", v.as_unsigned());
    return v.as_unsigned() > static_cast<std::uint64_t>(exact) ? Json::string(std::move(text))
                                                               : Json::number(std::move(text));
  }
  const auto i = v.as_signed();
  auto text = fmt::format("{}", i);
  return i > exact || i < -exact ? Json::string(std::move(text)) : Json::number(std::move(text));
}

}  // namespace

Result<Value> value_from_json(const Json& json, const TypeView& type, const JsonWord& word) {
  FromJson reader(word);
  return reader.value(json, type, 0);
}

namespace {

Json character_json(char32_t c) {
  std::string text;
  append_utf8(text, c);
  return Json::string(std::move(text));
}

}  // namespace

Json value_to_json(const Value& v) {
  switch (v.kind()) {
#define TENON_PRIM_BOOL(name, ...) \
  case ValueKind::name:            \
    return Json::boolean(v.as_bool());
#define TENON_PRIM_INT(name, ...) \
  case ValueKind::name:           \
    return integer_json(v);
#define TENON_PRIM_FLOAT(name, ...) \
  case ValueKind::name:             \
    return float_to_json(v.as_##name(), v.is(ValueKind::f32));
#define TENON_PRIM_CHAR(name, ...) \
  case ValueKind::name:            \
    return character_json(v.as_char());
#define TENON_PRIM(name, ...) \
  case ValueKind::name:       \
    return Json::string(v.text());
#include "tenon/types/primvaltypes.def"
    case ValueKind::enum_:
      return Json::string(v.text());
    case ValueKind::list:
    case ValueKind::tuple:
      return list_json(v);
    case ValueKind::record: {
      std::vector<Json::Member> members;
      for (std::size_t i = 0; i < v.size(); ++i) {
        members.emplace_back(v.labels()[i], value_to_json(v.items()[i]));
      }
      return Json::object(std::move(members));
    }
    case ValueKind::variant:
      return payload_json(v.text(), v);
    case ValueKind::option:
      if (!v.is_some()) return {};
      if (v.payload()->is(ValueKind::option))
        return Json::object({{"some", value_to_json(*v.payload())}});
      return value_to_json(*v.payload());
    case ValueKind::result:
      return payload_json(v.is_ok() ? "ok" : "err", v);
    case ValueKind::flags: {
      std::vector<Json> items;
      for (const auto& label : v.labels()) items.push_back(Json::string(label));
      return Json::array(std::move(items));
    }
    case ValueKind::own:
    case ValueKind::borrow:
    case ValueKind::stream:
    case ValueKind::future:
      return Json::object(
          {{"$handle", Json::string(fmt::format("{} {}", to_string(v.kind()), v.handle().index))}});
  }
  return {};
}

namespace {

/// Writes lists, tuples, records and payloads itself and leaves to `value_to_json` what is small.
class JsonWriter {
 public:
  explicit JsonWriter(const std::function<void(std::string_view)>& sink) : sink_(sink) {}

  void write(const Value& v) {
    spill(piece);
    if (v.is(ValueKind::list) || v.is(ValueKind::tuple)) return list(v);
    if (v.is(ValueKind::record)) {
      out_ += '{';
      for (std::size_t i = 0; i < v.size(); ++i) member(i == 0, v.labels()[i], v.items()[i]);
      out_ += '}';
      return;
    }
    const auto* payload = v.get_if_payload();
    if (payload == nullptr) {
      out_ += value_to_json(v).dump();
    } else if (v.is(ValueKind::option) && !payload->is(ValueKind::option)) {
      write(*payload);
    } else {
      const auto* label = v.get_if_text();
      out_ += '{';
      member(true,
             label != nullptr          ? *label
             : v.is(ValueKind::option) ? "some"
             : v.is_ok()               ? "ok"
                                       : "err",
             *payload);
      out_ += '}';
    }
  }
  void spill(std::size_t least) {
    if (out_.size() < least) return;
    sink_(out_);
    out_.clear();
  }

 private:
  static constexpr std::size_t piece = std::size_t{64} << 10U;

  void list(const Value& v) {
    out_ += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (i != 0) out_ += separator;
      if (v.is_bytes()) {
        out_ += fmt::format("{}", v.bytes()[i]);
        spill(piece);
      } else {
        write(v.items()[i]);
      }
    }
    out_ += ']';
  }
  void member(bool first, std::string_view label, const Value& v) {
    if (!first) out_ += separator;
    out_ += Json::quote(label);
    out_ += colon;
    write(v);
  }

  static constexpr std::string_view separator = ", ";
  static constexpr std::string_view colon = ": ";
  const std::function<void(std::string_view)>& sink_;
  std::string out_;
};

}  // namespace

void dump_json(const Value& value, const std::function<void(std::string_view)>& sink) {
  JsonWriter writer(sink);
  writer.write(value);
  writer.spill(0);
}

}  // namespace tenon::runtime
