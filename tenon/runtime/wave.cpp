// SPDX-License-Identifier: Apache-2.0
// The printer follows wasm-wave byte for byte (escapes, floats without exponents, omitted options),
// because outputs of tools are compared. The parser is directed by the type and builds no tree; its
// depth is limited, since it recurses. Long output goes to a sink in pieces.
#include "tenon/runtime/wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/base/index.h"
#include "tenon/base/narrow.h"
#include "tenon/base/number.h"
#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"
#include "tenon/runtime/rules.h"
#include "tenon/runtime/wave_meant.h"

namespace tenon::runtime {

using component::PrimValType;

namespace {

constexpr int max_depth = 100;
constexpr std::array<std::string_view, 8> keywords = {"true", "false", "some", "none",
                                                      "ok",   "err",   "inf",  "nan"};
bool is_keyword(std::string_view label) {
  return std::ranges::find(keywords, label) != keywords.end();
}

// Printing.

/// Whether a scalar value has no glyph of its own on a page of text: what is unseen, blanks other
/// than the space, combining marks, private use.
bool is_unprinted(char32_t c) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  static constexpr std::array<Range, 14> ranges = {{{0xA0, 0xA0},
                                                    {0x300, 0x36F},
                                                    {0x1680, 0x1680},
                                                    {0x1AB0, 0x1ACE},
                                                    {0x1DC0, 0x1DFF},
                                                    {0x2000, 0x200F},
                                                    {0x2028, 0x202F},
                                                    {0x205F, 0x206F},
                                                    {0x20D0, 0x20F0},
                                                    {0x3000, 0x3000},
                                                    {0xE000, 0xF8FF},
                                                    {0xFE00, 0xFE0F},
                                                    {0xFE20, 0xFE2F},
                                                    {0xE0000, 0x10FFFF}}};
  return is_unseen(c) || std::ranges::any_of(ranges, [c](const Range& range) {
           return c >= range.first && c <= range.last;
         });
}

/// Both quotes are escaped in both kinds of quoted text, as wasm-wave does it.
void append_escaped(std::string& out, char32_t c) {
  switch (c) {
    case U'\\':
      out += "\\\\";
      return;
    case U'\'':
      out += "\\'";
      return;
    case U'"':
      out += "\\\"";
      return;
    case U'\t':
      out += "\\t";
      return;
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    default:
      break;
  }
  if (c >= 0x20 && c < 0x7F) {
    out += low_bits<char>(c);
  } else if (is_unprinted(c) || !is_scalar_value(c)) {
    out += fmt::format("\\u{{{:x}}}", low_bits<std::uint32_t>(c));
  } else {
    append_utf8(out, c);
  }
}

/// The shortest digits that read back the same, filled up with zeros: never an exponent, and of a
/// large number not the digits that it happens to stand for.
template <class F>
void append_shortest(std::string& out, F v) {
  std::array<char, 64> buffer{};
  const auto [end, ec] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, std::chars_format::scientific);
  std::string_view text(buffer.data(), end);
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const auto e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(),
                  exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const auto count = narrow<int>(digits.size());
  if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else if (count <= exponent + 1) {
    out += digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
  } else {
    const auto whole = static_cast<std::size_t>(exponent + 1);
    out += digits.substr(0, whole) + "." + digits.substr(whole);
  }
}

template <class F>
void append_float(std::string& out, F v) {
  if (std::isnan(v)) {
    out += "nan";
  } else if (std::isinf(v)) {
    out += v < 0 ? "-inf" : "inf";
  } else {
    append_shortest(out, v);
  }
}

class Printer {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit Printer(const Sink* sink = nullptr) : sink_(sink) {}

  /// A map is told from a list of pairs by its type, as far as there is one.
  void write(const Value& v, const std::optional<TypeView>& type = std::nullopt) {
    spill(piece);
    switch (v.kind()) {
#define TENON_PRIM_BOOL(name, ...)          \
  case ValueKind::name:                     \
    out_ += v.as_bool() ? "true" : "false"; \
    return;
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...)  \
  case ValueKind::name:                                         \
    out_ += fmt::format("{}", +low_bits<cpp>(v.as_unsigned())); \
    return;
#define TENON_PRIM_FLOAT(name, ...)    \
  case ValueKind::name:                \
    append_float(out_, v.as_##name()); \
    return;
#define TENON_PRIM_CHAR(name, ...)     \
  case ValueKind::name:                \
    out_ += '\'';                      \
    append_escaped(out_, v.as_char()); \
    out_ += '\'';                      \
    return;
#define TENON_PRIM(name, ...) \
  case ValueKind::name:       \
    quoted(v.text());         \
    return;
#include "tenon/types/primvaltypes.def"
      case ValueKind::list:
        list(v, type);
        return;
      case ValueKind::record:
        record(v, type);
        return;
      case ValueKind::tuple:
        items('(', v, ')', type);
        return;
      case ValueKind::variant:
      case ValueKind::enum_:
        label(v.text());
        payload(v, type);
        return;
      case ValueKind::option:
        out_ += v.is_some() ? "some" : "none";
        payload(v, type);
        return;
      case ValueKind::result:
        out_ += v.is_ok() ? "ok" : "err";
        payload(v, type);
        return;
      case ValueKind::flags:
        flags(v);
        return;
      case ValueKind::own:
      case ValueKind::borrow:
      case ValueKind::stream:
      case ValueKind::future:
        out_ += fmt::format("<{} {}>", to_string(v.kind()), v.handle().index);
        return;
    }
  }
  [[nodiscard]] std::string take() { return std::move(out_); }
  /// Hands on what was written, once it has that size.
  void spill(std::size_t least) {
    if (sink_ == nullptr || out_.size() < least) return;
    (*sink_)(out_);
    out_.clear();
  }

 private:
  static constexpr std::size_t piece = std::size_t{64} << 10U;

  void quoted(std::string_view text) {
    out_ += '"';
    for (std::size_t at = 0; at < text.size();) {
      append_escaped(out_, next_scalar(text, at));
      spill(piece);
    }
    out_ += '"';
  }
  void label(std::string_view text) {
    if (is_keyword(text)) out_ += '%';
    out_ += text;
  }
  void payload(const Value& v, const std::optional<TypeView>& type) {
    if (v.payload() == nullptr) return;
    out_ += '(';
    write(*v.payload(), part_of(type, v, 0));
    out_ += ')';
  }
  /// The type of a value's part, when it is known.
  static std::optional<TypeView> part_of(const std::optional<TypeView>& type, const Value& v,
                                         std::size_t i) {
    const component::DefValType* const def = type ? type->def() : nullptr;
    if (def == nullptr) return std::nullopt;
    std::optional<ValType> part;
    if (const auto* list = std::get_if<component::List>(def)) part = list->elem;
    if (const auto* record = std::get_if<component::Record>(def);
        record && i < record->fields.size())
      part = record->fields[i].type;
    if (const auto* tuple = std::get_if<component::Tuple>(def); tuple && i < tuple->types.size())
      part = tuple->types[i];
    if (const auto* option = std::get_if<component::Option>(def)) part = option->type;
    if (const auto* result = std::get_if<component::ResultType>(def))
      part = v.is_ok() ? result->ok : result->err;
    if (const auto* variant = std::get_if<component::Variant>(def)) {
      for (const auto& c : variant->cases) {
        if (c.label == v.text()) part = c.type;
      }
    }
    return part ? std::optional(type->at(*part)) : std::nullopt;
  }
  void items(char open, const Value& v, char close, const std::optional<TypeView>& type) {
    const std::span<const Value> all = v.items();
    out_ += open;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i != 0) out_ += ", ";
      write(all[i], part_of(type, v, i));
    }
    out_ += close;
  }
  /// Of entries with one key the last counts, in the place of the first.
  void map(const Value& v, const TypeView& type, const component::Map& t) {
    std::vector<std::pair<std::string, const Value*>> entries;
    std::unordered_map<std::string, std::size_t> places;
    for (const Value& pair : v.items()) {
      std::string key = to_wave(pair.items()[0]);
      const auto [place, is_new] = places.try_emplace(key, entries.size());
      if (is_new)
        entries.emplace_back(std::move(key), &pair.items()[1]);
      else
        entries[place->second].second = &pair.items()[1];
    }
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i != 0) out_ += ", ";
      out_ += entries[i].first;
      out_ += ": ";
      write(*entries[i].second, type.at(t.value));
    }
    out_ += '}';
  }
  void list(const Value& v, const std::optional<TypeView>& type) {
    const component::DefValType* const def = type ? type->def() : nullptr;
    if (const auto* t = def != nullptr ? std::get_if<component::Map>(def) : nullptr)
      return map(v, *type, *t);
    if (!v.is_bytes()) return items('[', v, ']', type);
    out_ += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (i != 0) out_ += ", ";
      out_ += fmt::format("{}", v.bytes()[i]);
      spill(piece);
    }
    out_ += ']';
  }
  void record(const Value& v, const std::optional<TypeView>& type) {
    bool first = true;
    out_ += '{';
    for (std::size_t i = 0; i < v.size(); ++i) {
      const auto& field = v.items()[i];
      if (field.is(ValueKind::option) && !field.is_some()) continue;
      if (!first) out_ += ", ";
      first = false;
      out_ += v.labels()[i];
      out_ += ": ";
      write(field, part_of(type, v, i));
    }
    // `{}` alone would be flags.
    if (first) out_ += ':';
    out_ += '}';
  }
  void flags(const Value& v) {
    out_ += '{';
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (i != 0) out_ += ", ";
      out_ += v.labels()[i];
    }
    out_ += '}';
  }
  const Sink* sink_;
  std::string out_;
};

// Parsing. Directed by the type; there is no tree in between.

bool is_label_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

class Parser {
 public:
  Parser(std::string_view text, std::uint32_t source, std::uint32_t base)
      : text_(text), source_(source), base_(base) {}

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  [[nodiscard]] bool at_end() {
    skip_space();
    return at_ == text_.size();
  }
  bool eat(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] Error fail(std::string wanted) {
    skip_space();
    const auto begin = at_;
    const auto left = text_.substr(begin);
    const auto shown =
        left.empty() ? std::string("the end of the text") : fmt::format("`{}`", cut(left));
    return Error(rules::wave_syntax, span(begin, left.empty() ? begin : begin + 1),
                 fmt::format("found {}, wanted {}", shown, wanted));
  }
  Result<void> expect(char c) {
    if (eat(c)) return {};
    return std::unexpected(fail(fmt::format("`{}`", c)));
  }
  Result<Value> value(const TypeView& type, int depth) {
    if (depth > max_depth) return std::unexpected(Error(rules::value_depth, span(at_, at_)));
    if (const auto p = type.prim()) return prim(*p);
    return std::visit([&](const auto& t) { return def(type, t, depth + 1); }, *type.def());
  }

 private:
  [[nodiscard]] static std::string cut(std::string_view text) {
    auto n = std::min<std::size_t>(text.size(), 16);
    while (n < text.size() && (low_bits<unsigned char>(text[n]) & 0xC0U) == 0x80) ++n;
    return std::string(text.substr(0, n)) + (n < text.size() ? "…" : "");
  }
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const {
    return {source_, base_ + narrow<std::uint32_t>(begin), base_ + narrow<std::uint32_t>(end)};
  }
  [[nodiscard]] std::string_view peek_word() {
    skip_space();
    auto end = at_;
    if (end < text_.size() && text_[end] == '%') ++end;
    while (end < text_.size() && is_label_char(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  /// A label; a keyword counts as one only after `%`.
  std::string_view word() {
    const auto w = peek_word();
    at_ += w.size();
    return w.starts_with('%') ? w.substr(1) : w;
  }
  bool eat_word(std::string_view w) {
    if (peek_word() != w) return false;
    at_ += w.size();
    return true;
  }

  Result<Value> prim(PrimValType p) {
    switch (p) {
#define TENON_PRIM_BOOL(name, ...)                       \
  case PrimValType::name:                                \
    if (eat_word("true")) return Value::boolean(true);   \
    if (eat_word("false")) return Value::boolean(false); \
    return std::unexpected(fail("`true` or `false`"));
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                      \
    return integer<cpp>(&Value::name, text);
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                        \
    return floating<cpp>(&Value::name, text);
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return character();
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return string(p);
#include "tenon/types/primvaltypes.def"
    }
    return std::unexpected(fail("a value"));
  }
  Result<Value> def(const TypeView&, PrimValType p, int) { return prim(p); }

  template <class T>
  Result<Value> integer(Value (*make)(T), std::string_view name) {
    skip_space();
    T v = 0;
    const auto* begin = text_.data() + at_;
    const auto* end = text_.data() + text_.size();
    const auto [ptr, ec] = std::from_chars(begin, end, v);
    const bool below = std::is_unsigned_v<T> && ec != std::errc() && end - begin >= 2 &&
                       *begin == '-' && begin[1] >= '0' && begin[1] <= '9';
    if (ec == std::errc::result_out_of_range || below) {
      return std::unexpected(
          fail(fmt::format("a {} ({} to {})", name, +std::numeric_limits<T>::min(),
                           +std::numeric_limits<T>::max())));
    }
    if (ec != std::errc() || (ptr != end && (is_label_char(*ptr) || *ptr == '.'))) {
      return std::unexpected(fail(fmt::format("a {}", name)));
    }
    at_ += static_cast<std::size_t>(ptr - begin);
    return make(v);
  }

  template <class F>
  Result<Value> floating(Value (*make)(F), std::string_view name) {
    skip_space();
    if (eat_word("nan")) return make(std::numeric_limits<F>::quiet_NaN());
    if (eat_word("inf")) return make(std::numeric_limits<F>::infinity());
    if (eat_word("-inf")) return make(-std::numeric_limits<F>::infinity());
    auto end = at_;
    const auto is_number_char = [](char c) {
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    };
    while (end < text_.size() && is_number_char(text_[end])) ++end;
    F v = 0;
    const auto code = parse_float(text_.substr(at_, end - at_), v);
    if (code == std::errc::result_out_of_range) {
      return std::unexpected(fail(
          fmt::format("an {} (at most {} in magnitude)", name, std::numeric_limits<F>::max())));
    }
    if (code != std::errc()) return std::unexpected(fail(fmt::format("an {}", name)));
    at_ = end;
    return make(v);
  }

  /// One scalar of a quoted text, escapes resolved; `at_` is before it.
  Result<char32_t> scalar() {
    if (at_ == text_.size()) return std::unexpected(fail("a closing quote"));
    if (text_[at_] != '\\') return next_scalar(text_, at_);
    const auto begin = at_;
    ++at_;
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    switch (c) {
      case 't':
        return U'\t';
      case 'n':
        return U'\n';
      case 'r':
        return U'\r';
      case '\\':
        return U'\\';
      case '"':
        return U'"';
      case '\'':
        return U'\'';
      case 'u': {
        const auto close = text_.find('}', at_);
        std::uint32_t code = 0;
        if (at_ < text_.size() && text_[at_] == '{' && close != std::string_view::npos) {
          const auto* end = text_.data() + close;
          const auto [ptr, ec] = std::from_chars(text_.data() + at_ + 1, end, code, 16);
          if (ec == std::errc() && ptr == end && is_scalar_value(code)) {
            at_ = close + 1;
            return low_bits<char32_t>(code);
          }
        }
        break;
      }
      default:
        break;
    }
    at_ = begin;
    return std::unexpected(fail("an escape (\\\\ \\' \\\" \\t \\n \\r \\u{…})"));
  }

  Result<Value> character() {
    if (!eat('\'')) return std::unexpected(fail("a char such as 'x'"));
    if (at_ < text_.size() && text_[at_] == '\'') return std::unexpected(fail("one character"));
    const auto c = TENON_TRY(scalar());
    if (at_ == text_.size() || text_[at_] != '\'')
      return std::unexpected(fail("`'` after one character"));
    ++at_;
    return Value::character(c);
  }

  Result<Value> string(PrimValType p) {
    skip_space();
    const auto make = [p](std::string s) {
      return p == PrimValType::string ? Value::string(std::move(s))
                                      : Value::error_context(std::move(s));
    };
    std::string out;
    if (text_.substr(at_).starts_with("\"\"\"")) {
      auto multi = TENON_TRY(multiline());
      return make(std::move(multi));
    }
    if (!eat('"')) return std::unexpected(fail("a string in double quotes"));
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto c = TENON_TRY(scalar());
      append_utf8(out, c);
    }
    if (at_ == text_.size()) return std::unexpected(fail("a closing `\"`"));
    ++at_;
    return make(std::move(out));
  }

  /// `"""` and a newline, lines, and the closing line whose indentation is taken off every line.
  Result<std::string> multiline() {
    at_ += 3;
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (at_ == text_.size() || text_[at_] != '\n')
      return std::unexpected(fail("a new line after `\"\"\"`"));
    ++at_;
    const auto close = text_.find("\"\"\"", at_);
    if (close == std::string_view::npos) return std::unexpected(fail("a closing `\"\"\"`"));
    const auto last_line = text_.rfind('\n', close) + 1;
    const auto indent = text_.substr(last_line, close - last_line);
    if (indent.find_first_not_of(' ') != std::string_view::npos) {
      at_ = last_line;
      return std::unexpected(fail("`\"\"\"` on a line of its own"));
    }
    std::string out;
    while (at_ < last_line) {
      if (text_.substr(at_).starts_with(indent)) at_ += indent.size();
      while (at_ < last_line && text_[at_] != '\n') {
        const auto c = TENON_TRY(scalar());
        append_utf8(out, c);
      }
      ++at_;
      if (at_ < last_line) out += '\n';
    }
    at_ = close + 3;
    return out;
  }

  Result<Value> def(const TypeView& type, const component::List& t, int depth) {
    auto items = TENON_TRY(sequence('[', ']', type.at(t.elem), depth));
    if (t.length && items.size() != *t.length) {
      return std::unexpected(
          fail(fmt::format("a list of {} elements (not {})", *t.length, items.size())));
    }
    if (!t.length && type.at(t.elem).prim() == PrimValType::u8) {
      std::vector<std::uint8_t> bytes;
      bytes.reserve(items.size());
      for (const auto& i : items) bytes.push_back(low_bits<std::uint8_t>(i.as_unsigned()));
      return Value::bytes(std::move(bytes));
    }
    return Value::list(std::move(items));
  }
  Result<std::vector<Value>> sequence(char open, char close, const TypeView& elem, int depth) {
    TENON_TRY(expect(open));
    std::vector<Value> items;
    while (!eat(close)) {
      if (!items.empty()) {
        if (!eat(',')) return std::unexpected(fail(fmt::format("`,` or `{}`", close)));
        if (eat(close)) break;
      }
      auto item = TENON_TRY(value(elem, depth));
      items.push_back(std::move(item));
    }
    return items;
  }
  /// `{"a": 1}`, or the list of pairs that a map is. Of entries with one key the last counts, in
  /// the place of the first.
  Result<Value> def(const TypeView& type, const component::Map& t, int depth) {
    if (eat('[')) return pairs(type, t, depth);
    TENON_TRY(expect('{'));
    std::vector<Value> entries;
    std::unordered_map<std::string, std::size_t> places;
    if (eat(':')) {
      TENON_TRY(expect('}'));
      return Value::list(std::move(entries));
    }
    for (bool first = true; !eat('}'); first = false) {
      if (!first) {
        TENON_TRY(expect(','));
        if (eat('}')) break;
      }
      std::vector<Value> entry;
      auto key = TENON_TRY(value(type.at(t.key), depth));
      const auto [place, is_new] = places.try_emplace(to_wave(key), entries.size());
      entry.push_back(std::move(key));
      TENON_TRY(expect(':'));
      auto item = TENON_TRY(value(type.at(t.value), depth));
      entry.push_back(std::move(item));
      if (is_new) {
        entries.push_back(Value::tuple(std::move(entry)));
      } else {
        entries[place->second] = Value::tuple(std::move(entry));
      }
    }
    return Value::list(std::move(entries));
  }
  Result<Value> pairs(const TypeView& type, const component::Map& t, int depth) {
    std::vector<Value> out;
    const std::vector<ValType> pair = {t.key, t.value};
    while (!eat(']')) {
      if (!out.empty()) {
        TENON_TRY(expect(','));
        if (eat(']')) break;
      }
      auto item = TENON_TRY(tuple(type, pair, depth));
      out.push_back(std::move(item));
    }
    return Value::list(std::move(out));
  }
  Result<Value> tuple(const TypeView& type, std::span<const ValType> types, int depth) {
    TENON_TRY(expect('('));
    std::vector<Value> items;
    for (const auto t : types) {
      if (!items.empty()) TENON_TRY(expect(','));
      auto item = TENON_TRY(value(type.at(t), depth));
      items.push_back(std::move(item));
    }
    eat(',');
    TENON_TRY(expect(')'));
    return Value::tuple(std::move(items));
  }
  Result<Value> def(const TypeView& type, const component::Tuple& t, int depth) {
    return tuple(type, t.types, depth);
  }

  Result<Value> def(const TypeView& type, const component::Record& t, int depth) {
    TENON_TRY(expect('{'));
    std::vector<std::optional<Value>> found(t.fields.size());
    bool first = true;
    if (eat(':')) {
      TENON_TRY(expect('}'));
    } else {
      while (!eat('}')) {
        if (!first) {
          TENON_TRY(expect(','));
          if (eat('}')) break;
        }
        first = false;
        const auto begin = at_;
        const auto label = word();
        const auto it = std::ranges::find(t.fields, label, &component::LabelValType::label);
        if (it == t.fields.end() || found[static_cast<std::size_t>(it - t.fields.begin())]) {
          at_ = begin;
          return std::unexpected(fail(it == t.fields.end() ? field_names(t) : "each field once"));
        }
        TENON_TRY(expect(':'));
        auto v = TENON_TRY(value(type.at(it->type), depth));
        found[static_cast<std::size_t>(it - t.fields.begin())] = std::move(v);
      }
    }
    return finish_record(type, t, std::move(found));
  }
  Result<Value> finish_record(const TypeView& type, const component::Record& t,
                              std::vector<std::optional<Value>> found) {
    std::vector<Value::Field> fields;
    for (std::size_t i = 0; i < t.fields.size(); ++i) {
      if (!found[i]) {
        const auto* def = type.at(t.fields[i].type).def();
        if (def == nullptr || !std::holds_alternative<component::Option>(*def)) {
          return std::unexpected(
              fail(fmt::format("field `{}` before the record ends", t.fields[i].label)));
        }
        found[i] = Value::none();
      }
      fields.push_back({t.fields[i].label, *std::move(found[i])});
    }
    return Value::record(std::move(fields));
  }
  static std::string field_names(const component::Record& t) {
    std::string out = "a field of the record (";
    for (std::size_t i = 0; i < t.fields.size() && i < 20; ++i)
      out += (i != 0 ? ", " : "") + t.fields[i].label;
    return out + ")";
  }
  template <class Labels>
  static std::string label_list(std::string_view what, const Labels& labels) {
    std::string out(what);
    out += " (";
    for (std::size_t i = 0; i < labels.size() && i < 20; ++i) {
      if (i != 0) out += ", ";
      out += labels[i];
    }
    return out + ")";
  }

  Result<Value> def(const TypeView& type, const component::Variant& t, int depth) {
    const auto begin = at_;
    const auto label = word();
    for (const auto& c : t.cases) {
      if (c.label != label) continue;
      if (!c.type) return Value::variant(c.label);
      TENON_TRY(expect('('));
      auto payload = TENON_TRY(value(type.at(*c.type), depth));
      TENON_TRY(expect(')'));
      return Value::variant(c.label, std::move(payload));
    }
    at_ = begin;
    std::vector<std::string> labels;
    for (const auto& c : t.cases) labels.push_back(c.type ? c.label + "(…)" : c.label);
    return std::unexpected(fail(label_list("a case", labels)));
  }
  Result<Value> def(const TypeView&, const component::Enum& t, int) {
    const auto begin = at_;
    const auto label = word();
    if (std::ranges::find(t.labels, label) != t.labels.end())
      return Value::enumeration(std::string(label));
    at_ = begin;
    return std::unexpected(fail(label_list("a case", t.labels)));
  }
  Result<Value> def(const TypeView&, const component::Flags& t, int) {
    TENON_TRY(expect('{'));
    std::vector<bool> set(t.labels.size());
    bool first = true;
    while (!eat('}')) {
      if (!first) {
        TENON_TRY(expect(','));
        if (eat('}')) break;
      }
      first = false;
      const auto begin = at_;
      const auto it = std::ranges::find(t.labels, word());
      if (it == t.labels.end()) {
        at_ = begin;
        return std::unexpected(fail(label_list("a flag", t.labels)));
      }
      const auto place = static_cast<std::size_t>(it - t.labels.begin());
      if (set[place]) {
        at_ = begin;
        return std::unexpected(fail("each flag once"));
      }
      set[place] = true;
    }
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (set[i]) labels.push_back(t.labels[i]);
    }
    return Value::flags(std::move(labels));
  }

  [[nodiscard]] bool flattens(const TypeView& payload) const {
    const auto* def = payload.def();
    return def == nullptr || (!std::holds_alternative<component::Option>(*def) &&
                              !std::holds_alternative<component::ResultType>(*def));
  }
  Result<Value> def(const TypeView& type, const component::Option& t, int depth) {
    if (eat_word("none")) return Value::none();
    if (peek_word() == "some") {
      word();
      TENON_TRY(expect('('));
      auto payload = TENON_TRY(value(type.at(t.type), depth));
      TENON_TRY(expect(')'));
      return Value::some(std::move(payload));
    }
    if (!flattens(type.at(t.type))) return std::unexpected(fail("`none` or `some(…)`"));
    auto payload = TENON_TRY(value(type.at(t.type), depth));
    return Value::some(std::move(payload));
  }
  Result<Value> def(const TypeView& type, const component::ResultType& t, int depth) {
    const auto w = peek_word();
    if (w == "ok" || w == "err") {
      word();
      const bool ok = w == "ok";
      const auto& payload_type = ok ? t.ok : t.err;
      if (!payload_type) return ok ? Value::ok() : Value::err();
      TENON_TRY(expect('('));
      auto payload = TENON_TRY(value(type.at(*payload_type), depth));
      TENON_TRY(expect(')'));
      return ok ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
    }
    if (!t.ok || !flattens(type.at(*t.ok))) return std::unexpected(fail("`ok` or `err`"));
    auto payload = TENON_TRY(value(type.at(*t.ok), depth));
    return Value::ok(std::move(payload));
  }
  template <class Handle>
  Result<Value> def(const TypeView&, const Handle&, int) {
    return std::unexpected(
        fail("a value that can be written (a resource, stream or future cannot)"));
  }

  std::string_view text_;
  std::uint32_t source_;
  std::uint32_t base_;
  std::size_t at_ = 0;
};

}  // namespace

std::string to_wave(const Value& value) {
  Printer printer;
  printer.write(value);
  return printer.take();
}

namespace {

/// The first `most` bytes of what `write` hands on, with `…` for the rest.
template <class Write>
std::string cut_after(std::size_t most, const Write& write) {
  std::string out;
  write([&](std::string_view text) {
    if (out.size() <= most) out += text.substr(0, most + 1 - out.size());
  });
  if (out.size() <= most) return out;
  std::size_t cut = most;
  while ((low_bits<unsigned char>(out[cut]) & 0xC0U) == 0x80U) --cut;
  out.resize(cut);
  return out + "…";
}

}  // namespace

std::string to_wave(const Value& value, std::size_t most) {
  return cut_after(most, [&](const auto& sink) { to_wave(value, sink); });
}

std::string to_wave(const Value& value, const TypeView& type, std::size_t most) {
  return cut_after(most, [&](const auto& sink) { to_wave(value, type, sink); });
}

void to_wave(const Value& value, const std::function<void(std::string_view)>& sink) {
  Printer printer(&sink);
  printer.write(value);
  printer.spill(0);
}

void to_wave(const Value& value, const TypeView& type,
             const std::function<void(std::string_view)>& sink) {
  Printer printer(&sink);
  printer.write(value, type);
  printer.spill(0);
}

Result<Value> parse_wave(std::string_view text, const TypeView& type, std::uint32_t source) {
  if (!is_utf8(text))
    return std::unexpected(Error(rules::wave_syntax, Span::none(), "the text is not UTF-8"));
  Parser parser(text, source, 0);
  auto value = TENON_TRY(parser.value(type, 0));
  if (!parser.at_end()) return std::unexpected(parser.fail("the end of the text"));
  return value;
}

Result<WaveCall> split_wave_call(std::string_view text) {
  const auto trim = [](std::string_view s) {
    while (!s.empty() && (s.back() == ' ' || s.back() == '\n' || s.back() == '\t'))
      s.remove_suffix(1);
    while (!s.empty() && (s.front() == ' ' || s.front() == '\n' || s.front() == '\t'))
      s.remove_prefix(1);
    return s;
  };
  WaveCall call;
  const auto open = text.find('(');
  call.name = std::string(trim(text.substr(0, open)));
  if (call.name.empty()) {
    return std::unexpected(
        Error(rules::wave_syntax, Span::none(), "a call begins with a function's name"));
  }
  if (open != std::string_view::npos) {
    call.args = text.substr(open);
    call.args_at = narrow<std::uint32_t>(open);
    call.has_args = true;
  }
  return call;
}

Result<std::vector<Value>> parse_wave_args(const WaveCall& call, const abi::Types& types,
                                           std::span<const component::LabelValType> params) {
  if (!is_utf8(call.args))
    return std::unexpected(Error(rules::wave_syntax, Span::none(), "the text is not UTF-8"));
  Parser parser(call.args, 0, call.args_at);
  std::vector<Value> values;
  bool closed = !call.has_args;
  if (call.has_args) TENON_TRY(parser.expect('('));
  for (const auto& param : params) {
    const TypeView type{types, param.type};
    if (!closed && parser.eat(')')) closed = true;
    if (closed) {
      const auto* def = type.def();
      if (def == nullptr || !std::holds_alternative<component::Option>(*def)) {
        // A resource's type has no name here.
        return std::unexpected(
            parser.fail(fmt::format("argument `{}: {}`", param.label,
                                    is_handle(type) ? std::string("a handle") : to_string(type))));
      }
      values.push_back(Value::none());
      continue;
    }
    if (!values.empty()) TENON_TRY(parser.expect(','));
    auto value = TENON_TRY(parser.value(type, 0));
    values.push_back(std::move(value));
  }
  if (!closed) {
    parser.eat(',');
    if (!parser.eat(')'))
      return std::unexpected(parser.fail(fmt::format("`)` after {} arguments", params.size())));
  }
  if (!parser.at_end()) return std::unexpected(parser.fail("the end of the call"));
  return values;
}

}  // namespace tenon::runtime
