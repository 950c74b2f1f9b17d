// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "tenon/base/nearest.h"
#include "tenon/runtime/json.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/wave.h"
#include "tenon/runtime/wave_meant.h"
#include "tenon/testing/rules.h"

namespace tenon::testing {
namespace {

/// Of one value in a message.
constexpr std::size_t shown_bytes = 10'000;

using component::DefValType;
using component::PrimValType;
using runtime::TypeView;
using runtime::Value;
using runtime::ValueKind;

// The marks: NaNs that no conversion makes, and handles that no store gives out.
constexpr std::uint64_t f64_mark = 0x7FF4'5A5A'0000'0000;
constexpr std::uint64_t f64_mark_mask = 0xFFFF'FFFF'0000'0000;
constexpr std::uint32_t f32_mark = 0x7FB5'0000;
constexpr std::uint32_t f32_mark_mask = 0xFFFF'0000;
constexpr std::uint32_t handle_mark = 0xFFFF'FFFE;
constexpr std::size_t max_marks = 0xFFFF;

Error bad_word(const Json& json, std::string detail) {
  return {rules::case_file, json.span(), std::move(detail)};
}

/// The `$ref` word: a saved resource, as the type wants it.
Result<Value> reference(const Json& content, const TypeView& type, const SavedHandles& saved) {
  if (!content.is_string())
    return std::unexpected(bad_word(content, "`$ref` takes the name of a saved resource"));
  const auto found = saved.find(content.text());
  if (found == saved.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, handle] : saved) names.push_back(name);
    const std::string_view near = nearest(content.text(), names);
    return std::unexpected(
        Error(rules::case_reference, content.span(), fmt::format("`{}`", content.text()))
            .help(near.empty() ? what_is_saved(saved) : fmt::format("did you mean `{}`?", near)));
  }
  const DefValType* def = type.def();
  if (def != nullptr && std::holds_alternative<component::Own>(*def))
    return Value::own(found->second);
  if (def != nullptr && std::holds_alternative<component::Borrow>(*def))
    return Value::borrow(found->second);
  return std::unexpected(
      bad_word(content, fmt::format("found a resource, wanted {}", to_string(type))));
}

Result<Value> file_content(const Json& content, const TypeView& type, const FileReader& files) {
  if (!content.is_string()) return std::unexpected(bad_word(content, "`$file` takes a path"));
  std::vector<std::uint8_t> bytes = TENON_TRY(read_named(content, files));
  if (type.prim() == PrimValType::string)
    return Value::string(std::string(bytes.begin(), bytes.end()));
  const DefValType* def = type.def();
  const auto* list = def == nullptr ? nullptr : std::get_if<component::List>(def);
  if (list == nullptr || type.at(list->elem).prim() != PrimValType::u8) {
    return std::unexpected(
        bad_word(content, fmt::format("found the bytes of a file, wanted {}", to_string(type))));
  }
  return Value::bytes(std::move(bytes));
}

/// A word that is none of those which are known at its place; nothing when it is one of them, whose
/// content is wrong.
std::optional<Result<Value>> unknown_word(const Json& json, std::string_view where,
                                          std::initializer_list<std::string_view> known) {
  const std::string_view name = json.members().front().first;
  if (std::ranges::find(known, name) != known.end()) return std::nullopt;
  const std::string_view near = nearest(name, std::span(known.begin(), known.size()));
  std::string help;
  if (name == "$hex" || name == "$bytes" || name == "$binary") {
    help = "bytes are a list of numbers, or `{ \"$base64\": \"…\" }`";
  } else if (near.empty()) {
    for (const std::string_view word : known)
      help += (help.empty() ? "" : ", ") + fmt::format("`{}`", word);
    help = fmt::format("{} may have {}", where, help);
  } else {
    help = fmt::format("did you mean `{}`?", near);
  }
  return std::unexpected(
      Error(runtime::rules::json_value, json.span(), fmt::format("`{}` means nothing here", name))
          .help(std::move(help)));
}

/// The words that every value may have.
std::optional<Result<Value>> common_word(const Json& json, const TypeView& type,
                                         const SavedHandles& saved, const FileReader& files) {
  const auto& [name, content] = json.members().front();
  if (name == "$ref") return reference(content, type, saved);
  if (name == "$file") return file_content(content, type, files);
  return std::nullopt;
}

Result<Value> approx_mark(const Json& json, const TypeView& type, Expectation& out) {
  const Json& content = json.members().front().second;
  const Json* tolerance = json.find("tolerance");
  for (const auto& [key, value] : json.members()) {
    if (key != "$approx" && key != "tolerance")
      return std::unexpected(
          bad_word(json, fmt::format("found `{}` beside `$approx`, wanted `tolerance`", key))
              .help(fmt::format("write {{ \"$approx\": {}, \"tolerance\": {} }}", content.dump(),
                                value.is_number() ? value.dump() : "1e-9")));
  }
  const auto prim = type.prim();
  if (prim != PrimValType::f32 && prim != PrimValType::f64) {
    return std::unexpected(
        bad_word(json, fmt::format("`$approx` stands for a float, wanted {}", to_string(type))));
  }
  if (!content.is_number() || (tolerance != nullptr && !tolerance->is_number()) ||
      out.approx.size() >= max_marks) {
    return std::unexpected(
        bad_word(json, "`$approx` takes numbers: { \"$approx\": 1.5, \"tolerance\": 1e-9 }"));
  }
  if (tolerance != nullptr && tolerance->as_double() < 0)
    return std::unexpected(bad_word(json, "a `tolerance` is 0 or more"));
  if (!std::isfinite(content.as_double()) ||
      (tolerance != nullptr && !std::isfinite(tolerance->as_double()))) {
    return std::unexpected(bad_word(json, "`$approx` takes numbers that an f64 can hold"));
  }
  const auto number = out.approx.size();
  out.approx.push_back({content.as_double(), tolerance != nullptr ? tolerance->as_double() : 1e-9});
  if (prim == PrimValType::f32)
    return Value::f32(std::bit_cast<float>(f32_mark | static_cast<std::uint32_t>(number)));
  return Value::f64(std::bit_cast<double>(f64_mark | number));
}

Result<Value> save_mark(const Json& json, const TypeView& type, Expectation& out,
                        const SavedHandles& saved) {
  const Json& content = json.members().front().second;
  const DefValType* def = type.def();
  if (!content.is_string())
    return std::unexpected(bad_word(json, "`$save` takes a name: { \"$save\": \"c\" }"));
  if (def == nullptr || !std::holds_alternative<component::Own>(*def)) {
    return std::unexpected(bad_word(
        json,
        fmt::format("`$save` names a returned resource; the value here is {}", to_string(type))));
  }
  if (saved.contains(content.text()) ||
      std::ranges::find(out.saves, content.text()) != out.saves.end()) {
    return std::unexpected(bad_word(
        json, fmt::format("`{0}` is saved already: choose another name, or drop it before by the "
                          "step {{ \"drop\": \"{0}\" }}",
                          content.text())));
  }
  out.saves.push_back(content.text());
  return Value::own({handle_mark, out.saves.size() - 1});
}

/// Walks two values of one type side by side.
class Comparison {
 public:
  Comparison(const Expectation& expected, SavedHandles& saved)
      : expected_(expected), saved_(saved) {}

  std::optional<Difference> values(const Value& want, const Value& have, const TypeView& type,
                                   const std::string& path) {
    if (const auto* mark = approx_of(want)) return approx(*mark, have, path);
    if (want.is(ValueKind::own) && want.handle().index == handle_mark) {
      saved_.insert_or_assign(expected_.saves[want.handle().generation], have.handle());
      return std::nullopt;
    }
    if (want.kind() != have.kind()) return whole(want, have, type, path);
    const DefValType* def = type.def();
    if (def == nullptr) return leaf(want, have, type, path);
    return std::visit([&](const auto& t) { return defined(want, have, type, t, path); }, *def);
  }

 private:
  static Difference whole(const Value& want, const Value& have, const TypeView& type,
                          const std::string& path) {
    return {path, to_wave(want, type, shown_bytes), to_wave(have, type, shown_bytes)};
  }
  static std::optional<Difference> leaf(const Value& want, const Value& have, const TypeView& type,
                                        const std::string& path) {
    if (want == have) return std::nullopt;
    return whole(want, have, type, path);
  }

  [[nodiscard]] const Expectation::Approx* approx_of(const Value& want) const {
    if (const auto* d = want.get_if_f64()) {
      const auto bits = std::bit_cast<std::uint64_t>(*d);
      if ((bits & f64_mark_mask) == f64_mark) return &expected_.approx[bits & max_marks];
    }
    if (const auto* f = want.get_if_f32()) {
      const auto bits = std::bit_cast<std::uint32_t>(*f);
      if ((bits & f32_mark_mask) == f32_mark) return &expected_.approx[bits & max_marks];
    }
    return nullptr;
  }

  static std::optional<Difference> approx(const Expectation::Approx& mark, const Value& have,
                                          const std::string& path) {
    if (std::abs(have.as_float() - mark.value) <= mark.tolerance) return std::nullopt;
    return Difference{path, fmt::format("{} ± {}", mark.value, mark.tolerance),
                      to_wave(have, shown_bytes)};
  }

  /// Sequences: the first element that differs, then the lengths.
  template <class TypeOf>
  std::optional<Difference> sequence(const Value& want, const Value& have, const TypeOf& type_of,
                                     const std::string& path) {
    const std::size_t common = std::min(want.size(), have.size());
    for (std::size_t i = 0; i < common; ++i) {
      if (auto d = values(want.at(i), have.at(i), type_of(i), fmt::format("{}[{}]", path, i)))
        return d;
    }
    if (want.size() == have.size()) return std::nullopt;
    return Difference{path, fmt::format("{} elements", want.size()),
                      fmt::format("{} elements", have.size())};
  }

  std::optional<Difference> payloads(const Value& want, const Value& have, const TypeView& type,
                                     const std::optional<component::ValType>& payload,
                                     const std::string& path) {
    if (!payload || want.payload() == nullptr || have.payload() == nullptr) return std::nullopt;
    return values(*want.payload(), *have.payload(), type.at(*payload), path);
  }

  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::Record& record, const std::string& path) {
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const auto& field = record.fields[i];
      if (auto d = values(want.items()[i], have.items()[i], type.at(field.type),
                          path + "." + field.label))
        return d;
    }
    return std::nullopt;
  }
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::List& list, const std::string& path) {
    if (want.is_bytes() && have.is_bytes() && std::ranges::equal(want.bytes(), have.bytes()))
      return std::nullopt;
    return sequence(want, have, [&](std::size_t) { return type.at(list.elem); }, path);
  }
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::Tuple& tuple, const std::string& path) {
    for (std::size_t i = 0; i < tuple.types.size(); ++i) {
      if (auto d = values(want.items()[i], have.items()[i], type.at(tuple.types[i]),
                          fmt::format("{}.{}", path, i))) {
        return d;
      }
    }
    return std::nullopt;
  }
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::Variant& variant, const std::string& path) {
    if (want.text() != have.text()) return whole(want, have, type, path);
    for (const component::Case& c : variant.cases) {
      if (c.label == want.text()) return payloads(want, have, type, c.type, path + "." + c.label);
    }
    return std::nullopt;
  }
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::Option& option, const std::string& path) {
    if (want.is_some() != have.is_some()) return whole(want, have, type, path);
    return payloads(want, have, type, option.type, path + ".some");
  }
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::ResultType& result, const std::string& path) {
    if (want.is_ok() != have.is_ok()) return whole(want, have, type, path);
    return want.is_ok() ? payloads(want, have, type, result.ok, path + ".ok")
                        : payloads(want, have, type, result.err, path + ".err");
  }
  /// Pairs are matched in any order.
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const component::Map& map, const std::string& path) {
    if (want.size() != have.size()) {
      return Difference{path, fmt::format("{} entries", want.size()),
                        fmt::format("{} entries", have.size())};
    }
    // A key is a primitive value or a string, whose text tells it from all others.
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t j = 0; j < have.size(); ++j)
      places.insert_or_assign(to_wave(have.at(j).items()[0]), j);
    for (std::size_t i = 0; i < want.size(); ++i) {
      const Value wanted = want.at(i);
      const std::string key = fmt::format("{}[{}]", path, to_wave(wanted.items()[0], shown_bytes));
      const auto place = places.find(to_wave(wanted.items()[0]));
      const TypeView value = type.at(map.value);
      if (place == places.end())
        return Difference{key, to_wave(wanted.items()[1], value, shown_bytes), "no such key"};
      if (auto d = values(wanted.items()[1], have.at(place->second).items()[1], value, key))
        return d;
    }
    return std::nullopt;
  }
  template <class Other>
  std::optional<Difference> defined(const Value& want, const Value& have, const TypeView& type,
                                    const Other&, const std::string& path) {
    return leaf(want, have, type, path);
  }

  const Expectation& expected_;
  SavedHandles& saved_;
};

}  // namespace

std::string what_is_saved(const SavedHandles& saved) {
  constexpr std::size_t most = 10;
  std::string names;
  for (std::size_t i = 0; const auto& [name, handle] : saved) {
    if (i++ == most) break;
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
  }
  if (names.empty()) return "an earlier step saves it with { \"$save\": \"NAME\" } in `expect`";
  return fmt::format("the saved ones are {}{}", names, saved.size() > most ? " and others" : "");
}

Result<std::vector<std::uint8_t>> read_named(const Json& path, const FileReader& files) {
  auto read = files(path.text());
  if (read) return read;
  // The file's error has no place: the case has.
  const Error& why = read.error();
  return std::unexpected(
      Error(why.rule(), path.span(), why.detail())
          .help(why.help_text().empty()
                    ? "the path begins at the folder of the cases: correct it, or put the file "
                      "there"
                    : why.help_text()));
}

std::string meant_json(const Json& value, const TypeView& type, std::string_view key) {
  constexpr std::size_t longest = 200;
  auto meant = value.is_string() ? runtime::meant_value(value.text(), type) : std::nullopt;
  if (!meant) meant = runtime::meant_value(value.dump(), type);
  if (!meant) return {};
  const std::string text = fmt::format("{}{}", key, value_to_json(meant->value).dump());
  return text.size() > longest ? std::string() : runtime::write_help(text, meant->missing);
}

Result<Value> read_value(const Json& json, const TypeView& type, const SavedHandles& saved,
                         const FileReader& files) {
  return value_from_json(
      json, type, [&](const Json& word, const TypeView& t) -> std::optional<Result<Value>> {
        if (auto value = common_word(word, t, saved, files)) return value;
        return unknown_word(word, "an argument", {"$wave", "$base64", "$file", "$ref"});
      });
}

Result<Expectation> read_expectation(const Json& json, const TypeView& type,
                                     const SavedHandles& saved, const FileReader& files) {
  Expectation out;
  out.value = TENON_TRY(value_from_json(
      json, type, [&](const Json& word, const TypeView& t) -> std::optional<Result<Value>> {
        const std::string& name = word.members().front().first;
        if (name == "$approx") return approx_mark(word, t, out);
        if (name == "$save") return save_mark(word, t, out, saved);
        if (auto value = common_word(word, t, saved, files)) return value;
        return unknown_word(word, "`expect`",
                            {"$wave", "$base64", "$file", "$ref", "$approx", "$save"});
      }));
  return out;
}

std::optional<Difference> compare(const Expectation& expected, const Value& actual,
                                  const TypeView& type, SavedHandles& saved) {
  return Comparison(expected, saved).values(expected.value, actual, type, "");
}

}  // namespace tenon::testing
