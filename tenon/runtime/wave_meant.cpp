// SPDX-License-Identifier: Apache-2.0
// Whoever gets a value wrong writes it as the language does that he comes from. One reader knows
// them all: the type says what is wanted, and every spelling of it is taken. What it gives is only
// ever shown, in WAVE or JSON; nothing is called with it.
#include "tenon/runtime/wave_meant.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "tenon/base/ascii.h"
#include "tenon/base/narrow.h"
#include "tenon/base/nearest.h"
#include "tenon/base/number.h"
#include "tenon/base/unicode.h"
#include "tenon/runtime/wave.h"

namespace tenon::runtime {
namespace {

using component::PrimValType;
using Words = std::span<const std::string_view>;

constexpr std::size_t max_text = 2000;
constexpr int max_depth = 30;

constexpr std::string_view true_words[] = {"true", "True", "TRUE", "yes", "on", "1", "t"};
constexpr std::string_view false_words[] = {"false", "False", "FALSE", "no", "off", "0", "f"};
constexpr std::string_view none_words[] = {"none",      "None", "null",    "Null",    "NULL",
                                           "undefined", "nil",  "nullptr", "nullopt", "Nothing"};
constexpr std::string_view some_words[] = {"some", "Some", "Just", "Optional", "optional", "of"};
constexpr std::string_view ok_words[] = {"ok",    "Ok",      "OK",      "value",
                                         "Value", "success", "Success", "Right"};
constexpr std::string_view err_words[] = {"err",  "Err",     "ERR",     "error",     "Error",
                                          "Left", "failure", "Failure", "unexpected"};

bool is_one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

/// Of some labels the one that a word means.
std::optional<std::size_t> label_of(std::string_view word, Words labels) {
  const std::string meant = to_kebab(word);
  const auto place = [&](std::string_view label) {
    return static_cast<std::size_t>(std::ranges::find(labels, label) - labels.begin());
  };
  if (is_one_of(word, labels)) return place(word);
  if (is_one_of(meant, labels)) return place(meant);
  if (const std::string_view near = nearest(meant, labels); !near.empty()) return place(near);
  // `blue` for `dark-blue`, when it is the only one.
  constexpr std::size_t least = 3;
  std::optional<std::size_t> out;
  for (std::size_t i = 0; i < labels.size() && meant.size() >= least; ++i) {
    if (!labels[i].contains(meant) && !(labels[i].size() >= least && meant.contains(labels[i])))
      continue;
    if (out) return std::nullopt;
    out = i;
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Value> value(const TypeView& type, int depth = 0) {
    if (depth > max_depth) return std::nullopt;
    skip();
    if (const auto p = type.prim()) return prim(*p);
    const auto& compound = *type.def();
    if (quoted_end() && (std::holds_alternative<component::Record>(compound) ||
                         std::holds_alternative<component::Tuple>(compound) ||
                         std::holds_alternative<component::Map>(compound))) {
      Reader inside(word());
      auto out = inside.value(type, depth + 1);
      return inside.at_end() ? std::move(out) : std::nullopt;
    }
    return std::visit([&](const auto& t) { return def(type, t, depth + 1); }, *type.def());
  }
  /// The arguments of a call, behind its parenthesis.
  std::optional<std::vector<Value>> arguments(const abi::Types& types,
                                              std::span<const component::LabelValType> params) {
    if (params.size() == 1 && is_several(params[0].label)) {
      if (auto one = several({types, params[0].type}, 0))
        return std::vector<Value>{*std::move(one)};
    }
    exact_ = true;
    return members({types, {}}, params, 0);
  }
  [[nodiscard]] bool at_end() {
    while (skip(), at_ < text_.size() && (text_[at_] == ';' || text_[at_] == ')')) ++at_;
    return at_ == text_.size();
  }
  bool eat(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::vector<std::string> take_missing() { return std::move(missing_); }

 private:
  // Cursor.

  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }
  [[nodiscard]] char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool eat_text(std::string_view sign) {
    skip();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  /// A word, quoted or not; of `Color::Red` and `Color.Red` the last.
  std::string_view word() {
    skip();
    std::string_view out;
    if (const auto quoted = quoted_end()) {
      out = text_.substr(at_ + quoted->open, quoted->end - at_ - quoted->open);
      at_ = quoted->end + quoted->close;
      return out;
    }
    while (true) {
      if (at_ < text_.size() && (text_[at_] == '%' || text_[at_] == '.')) ++at_;
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      out = text_.substr(begin, at_ - begin);
      const std::string_view left = text_.substr(at_);
      const bool deeper =
          left.starts_with("::") || (left.size() > 1 && left[0] == '.' && is_letter(left[1]));
      if (out.empty() || !deeper) return out;
      at_ += left[0] == ':' ? 2 : 1;
    }
  }
  std::string_view peek_word() {
    const std::size_t before = at_;
    const std::string_view out = word();
    at_ = before;
    return out;
  }
  struct Quoted {
    std::size_t open = 1;
    std::size_t end = 0;
    std::size_t close = 1;
  };
  /// Where the text in quotes that begins here ends.
  [[nodiscard]] std::optional<Quoted> quoted_end() const {
    static constexpr std::pair<std::string_view, std::string_view> quotes[] = {
        {"\"\"\"", "\"\"\""}, {"\"", "\""}, {"'", "'"}, {"`", "`"},
        {"“", "”"},           {"„", "“"},   {"‘", "’"}, {"«", "»"}};
    for (const auto& [open, close] : quotes) {
      if (!text_.substr(at_).starts_with(open)) continue;
      std::size_t end = at_ + open.size();
      while (end < text_.size() && !text_.substr(end).starts_with(close))
        end += text_[end] == '\\' ? 2 : 1;
      if (end >= text_.size()) return std::nullopt;
      return Quoted{open.size(), end, close.size()};
    }
    return std::nullopt;
  }
  /// `:`, `=`, `=>`, `:=` between a name and its value.
  bool eat_separator() {
    skip();
    if (text_.substr(at_).starts_with("::")) return false;
    return eat_text("=>") || eat_text(":=") || eat_text("->") || eat(':') || eat('=');
  }
  /// An opening bracket, of which the closing one is given; 0 when there is none.
  char open(std::string_view which) {
    constexpr std::string_view opens = "([{<";
    constexpr std::string_view closes = ")]}>";
    const auto at = opens.find(peek());
    if (at == std::string_view::npos || !which.contains(opens[at])) return '\0';
    ++at_;
    return closes[at];
  }
  /// A word before a bracket, such as the name of a type: `Point { … }`, `vec![…]`, `new Foo(…)`.
  void skip_name() {
    eat('&');
    skip();
    if (quoted_end()) return;
    const std::size_t before = at_;
    const std::string_view first = word();
    const bool named = !(first == "new" ? word() : first).empty();
    eat('!');
    if (!named || peek() == '\0' || !std::string_view("([{").contains(peek())) at_ = before;
  }
  /// Passes a value of whatever type.
  void skip_value() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (const auto quoted = quoted_end()) {
        at_ = quoted->end + quoted->close - 1;
        continue;
      }
      const char c = text_[at_];
      if (depth == 0 && std::string_view(",;)]}").contains(c)) return;
      if (std::string_view("([{").contains(c)) ++depth;
      if (std::string_view(")]}").contains(c)) --depth;
    }
  }
  /// `1, 2` where one value with parts is wanted.
  std::optional<Value> several(const TypeView& type, int depth) {
    const auto* const def = type.def();
    if (def == nullptr) return std::nullopt;
    if (const auto* list = std::get_if<component::List>(def)) return elements(type, *list, depth);
    if (const auto* flags = std::get_if<component::Flags>(def)) return flags_of(*flags, true);
    if (const auto* tuple = std::get_if<component::Tuple>(def))
      return tuple_items(type, tuple->types, depth);
    const auto* const t = std::get_if<component::Record>(def);
    auto items = t != nullptr ? members(type, t->fields, depth) : std::nullopt;
    return items ? std::optional(record(*t, *std::move(items))) : std::nullopt;
  }
  /// Whether more than one value stands up to the end, or one with another name than this.
  bool is_several(std::string_view label) {
    const std::size_t before = at_;
    skip_value();
    const bool more = peek() == ',';
    at_ = before;
    const std::string_view name = word();
    const bool named = !name.empty() && to_kebab(name) != label && eat_separator();
    at_ = before;
    return more || named;
  }

  // Values without parts.

  std::optional<Value> prim(PrimValType p) {
    switch (p) {
#define TENON_PRIM_BOOL(name, ...) \
  case PrimValType::name:          \
    return boolean();
#define TENON_PRIM_INT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                      \
    return integer<cpp>(&Value::name);
#define TENON_PRIM_FLOAT(name, text, code, size, flat, cpp, ...) \
  case PrimValType::name:                                        \
    return floating<cpp>(&Value::name);
#define TENON_PRIM_CHAR(name, ...) \
  case PrimValType::name:          \
    return character();
#define TENON_PRIM(name, ...) \
  case PrimValType::name:     \
    return string();
#include "tenon/types/primvaltypes.def"
    }
    return std::nullopt;
  }
  std::optional<Value> def(const TypeView&, PrimValType p, int) { return prim(p); }

  std::optional<Value> boolean() {
    const std::string_view w = word();
    if (is_one_of(w, true_words)) return Value::boolean(true);
    if (is_one_of(w, false_words)) return Value::boolean(false);
    return std::nullopt;
  }
  /// Passes a `,`, a `;` or a blank behind one of several values; false when it goes on.
  bool eat_comma() {
    const bool blank = at_ > 0 && std::string_view(" \t\r\n").contains(text_[at_ - 1]);
    const std::size_t before = at_;
    if (eat(',') || eat(';')) return true;
    return blank || at_ > before || peek() == '\0' || std::string_view(")]}>").contains(peek());
  }
  /// A number's text without quotes, `_` and a suffix such as `u32`.
  std::string number() {
    skip();
    std::string_view text;
    if (quoted_end()) {
      text = word();
    } else {
      const std::size_t begin = at_;
      const auto goes_on = [&](char c) { return is_word(c) || c == '.' || c == '+' || c == '\''; };
      while (at_ < text_.size() && goes_on(text_[at_])) ++at_;
      text = text_.substr(begin, at_ - begin);
    }
    std::string out;
    for (const char c : text) {
      if (c != '_' && c != ' ' && c != '\'') out += c;
    }
    if (out.starts_with('+')) out.erase(0, 1);
    const bool hex = out.contains("0x") || out.contains("0X");
    static constexpr std::string_view suffixes[] = {
        "u8",  "u16",   "u32",   "u64", "s8", "s16", "s32", "s64", "i8", "i16", "i32", "i64", "f32",
        "f64", "usize", "isize", "n",   "L",  "UL",  "LL",  "ULL", "U",  "u",   "f",   "F",   "d"};
    for (const std::string_view suffix : suffixes) {
      const std::size_t rest = out.size() - std::min(suffix.size(), out.size());
      if (hex || rest == 0 || !out.ends_with(suffix)) continue;
      if (is_digit(out[rest - 1]) || out[rest - 1] == '.') out.resize(rest);
      break;
    }
    return out;
  }
  template <class T>
  std::optional<Value> integer(Value (*make)(T)) {
    std::string text = number();
    const bool negative = text.starts_with('-');
    const std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) base = 16;
    if (digits.starts_with("0b") || digits.starts_with("0B")) base = 2;
    if (digits.starts_with("0o") || digits.starts_with("0O")) base = 8;
    if (base != 10) {
      std::uint64_t magnitude = 0;
      const char* const end = digits.data() + digits.size();
      const auto [at, code] = std::from_chars(digits.data() + 2, end, magnitude, base);
      if (code != std::errc() || at != end) return std::nullopt;
      const auto v = to_int<T>({negative, magnitude});
      return v ? std::optional(make(*v)) : std::nullopt;
    }
    if (text.ends_with('.')) text.pop_back();
    while (text.size() > 1 && text.starts_with('0') && is_digit(text[1])) text.erase(0, 1);
    // What is not a number of JSON is none of WAVE either.
    if (double is_number = 0; parse_float(text, is_number) != std::errc()) return std::nullopt;
    const auto i = exact_integer(text);
    const auto v = i ? to_int<T>(*i) : std::nullopt;
    return v ? std::optional(make(*v)) : std::nullopt;
  }
  template <class F>
  std::optional<Value> floating(Value (*make)(F)) {
    std::string text = number();
    const bool negative = text.starts_with('-');
    const std::string name = to_kebab(std::string_view(text).substr(negative ? 1 : 0));
    if (name == "nan" || name == "na-n") return make(std::numeric_limits<F>::quiet_NaN());
    if (name == "inf" || name == "infinity") {
      const F infinity = std::numeric_limits<F>::infinity();
      return make(negative ? -infinity : infinity);
    }
    if (text.ends_with('.')) text.pop_back();
    if (text.starts_with('.')) text.insert(0, "0");
    F v = 0;
    return parse_float(text, v) == std::errc() ? std::optional(make(v)) : std::nullopt;
  }
  std::optional<Value> character() {
    const bool bare = !quoted_end();
    const auto text = characters();
    if (!text || text->empty()) return std::nullopt;
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), code);
    if (bare && text->size() > 1 && error == std::errc() && end == text->data() + text->size() &&
        is_scalar_value(code))
      return Value::character(low_bits<char32_t>(code));
    std::size_t at = 0;
    const char32_t c = next_scalar(*text, at);
    return at == text->size() ? std::optional(Value::character(c)) : std::nullopt;
  }
  std::optional<Value> string() {
    auto text = characters();
    return text ? std::optional(Value::string(*std::move(text))) : std::nullopt;
  }
  /// What stands in quotes, its escapes resolved, or a bare word.
  std::optional<std::string> characters() {
    skip();
    const std::size_t before = at_;
    if (!quoted_end() && at_ + 1 < text_.size() &&
        std::string_view("bBrRuUfFL@$").contains(text_[at_])) {
      ++at_;
      if (!quoted_end()) at_ = before;
    }
    if (const auto quoted = quoted_end()) {
      const std::string_view inside =
          text_.substr(at_ + quoted->open, quoted->end - at_ - quoted->open);
      at_ = quoted->end + quoted->close;
      skip_method();
      return unescaped(inside);
    }
    if (auto made = made_of_text()) return made;
    // Quotes that are not closed go up to the end.
    if (peek() == '"' && text_.ends_with(')')) {
      const std::string_view inside = text_.substr(at_ + 1, text_.size() - at_ - 2);
      if (inside.find_first_of("\"\\,") != std::string_view::npos) return std::nullopt;
      at_ = text_.size();
      return std::string(inside);
    }
    const std::size_t end = std::min(text_.find_first_of(",;)]}:=", at_), text_.size());
    std::string_view bare = text_.substr(at_, end - at_);
    while (bare.ends_with(' ')) bare.remove_suffix(1);
    if (bare.empty() || bare.find_first_of("\"'`([{") != std::string_view::npos)
      return std::nullopt;
    at_ = end;
    return std::string(bare);
  }
  /// `.to_string()` and `.into()` behind a text.
  void skip_method() {
    const std::size_t before = at_;
    if (at_ >= text_.size() || text_[at_] != '.' || word().empty() || !eat('(') || !eat(')'))
      at_ = before;
  }
  /// `String::from("x")`, `std::string("x")`.
  std::optional<std::string> made_of_text() {
    const std::size_t before = at_;
    if (!word().empty() && eat('(')) {
      skip();
      if (const auto quoted = quoted_end()) {
        std::string out = unescaped(word());
        if (eat(')')) return out;
      }
    }
    at_ = before;
    return std::nullopt;
  }
  /// `\x41`, `\u0041` and `\u{41}` of what is behind the backslash; its length, or 0.
  static std::size_t scalar_of(std::string_view text, std::string& out) {
    const bool braces = text.starts_with("u{");
    const std::size_t begin = braces ? 2 : 1;
    const std::size_t most = text[0] == 'x' ? 2 : braces ? 6 : 4;
    const std::string_view digits = text.substr(std::min(begin, text.size())).substr(0, most);
    std::uint32_t code = 0;
    const auto [at, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || !is_scalar_value(code)) return 0;
    append_utf8(out, low_bits<char32_t>(code));
    return static_cast<std::size_t>(at - text.data()) + (braces ? 1 : 0);
  }
  static std::string unescaped(std::string_view text) {
    constexpr std::string_view from = "ntr";
    constexpr std::string_view to = "\n\t\r";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      const std::size_t length = c == 'u' || c == 'x' ? scalar_of(text.substr(i), out) : 0;
      const auto known = from.find(c);
      if (length > 0) {
        i += length - 1;
      } else {
        out += known == std::string_view::npos ? c : to[known];
      }
    }
    return out;
  }

  // Values with parts.

  std::optional<Value> def(const TypeView& type, const component::List& t, int depth) {
    const TypeView elem = type.at(t.elem);
    const auto* inner = elem.def();
    const bool braces = inner == nullptr || (!std::holds_alternative<component::Record>(*inner) &&
                                             !std::holds_alternative<component::Map>(*inner) &&
                                             !std::holds_alternative<component::Flags>(*inner));
    if (elem.prim() == PrimValType::u8 && !t.length) {
      const std::size_t before = at_;
      const bool prefixed = at_ + 1 < text_.size() && text_[at_] == 'b' && !is_word(text_[at_ + 1]);
      if (prefixed) ++at_;
      if (quoted_end()) {
        const auto text = characters();
        return Value::bytes({text->begin(), text->end()});
      }
      at_ = before;
    }
    const std::size_t before = at_;
    skip_name();
    const char close = open(braces ? "([{" : "[(");
    if (close == '\0') {
      at_ = before;
      return list_of(t, elem, one(elem, depth));
    }
    auto out = elements(type, t, depth);
    eat(close);
    return out;
  }
  std::optional<std::vector<Value>> one(const TypeView& elem, int depth) {
    auto item = value(elem, depth);
    if (!item) return std::nullopt;
    return std::vector<Value>{*std::move(item)};
  }
  /// Up to a closing bracket or the end.
  std::optional<Value> elements(const TypeView& type, const component::List& t, int depth) {
    std::vector<Value> items;
    const TypeView elem = type.at(t.elem);
    while (peek() != '\0' && !std::string_view(")]}").contains(peek())) {
      auto item = value(elem, depth);
      if (!item) return std::nullopt;
      items.push_back(*std::move(item));
      if (!eat_comma()) return std::nullopt;
    }
    return list_of(t, elem, std::move(items));
  }
  static std::optional<Value> list_of(const component::List& t, const TypeView& elem,
                                      std::optional<std::vector<Value>> items) {
    if (!items || (t.length && *t.length != items->size())) return std::nullopt;
    if (t.length || elem.prim() != PrimValType::u8) return Value::list(*std::move(items));
    std::vector<std::uint8_t> bytes;
    for (const Value& item : *items) bytes.push_back(low_bits<std::uint8_t>(item.as_unsigned()));
    return Value::bytes(std::move(bytes));
  }
  std::optional<Value> def(const TypeView& type, const component::Map& t, int depth) {
    skip_name();
    const char close = open("{[(");
    if (close == '\0') return std::nullopt;
    std::vector<Value> entries;
    while (peek() != '\0' && !std::string_view(")]}").contains(peek())) {
      const char pair = open("([{");
      auto key = value(type.at(t.key), depth);
      if (!key || !(pair == '\0' ? eat_separator() : eat(','))) return std::nullopt;
      auto item = value(type.at(t.value), depth);
      if (!item) return std::nullopt;
      if (pair != '\0') eat(pair);
      std::vector<Value> entry;
      entry.push_back(*std::move(key));
      entry.push_back(*std::move(item));
      entries.push_back(Value::tuple(std::move(entry)));
      if (!eat(',')) eat(';');
    }
    eat(close);
    return Value::list(std::move(entries));
  }
  std::optional<Value> def(const TypeView& type, const component::Tuple& t, int depth) {
    skip_name();
    const char close = open("([{<");
    if (close == '\0') return std::nullopt;
    auto out = tuple_items(type, t.types, depth);
    eat(close);
    return out;
  }
  std::optional<Value> tuple_items(const TypeView& type, std::span<const ValType> types,
                                   int depth) {
    std::vector<component::LabelValType> fields;
    for (std::size_t i = 0; i < types.size(); ++i)
      fields.push_back({fmt::format("{}", i), types[i]});
    auto items = members(type, fields, depth);
    if (!items) return std::nullopt;
    return Value::tuple(*std::move(items));
  }
  std::optional<Value> def(const TypeView& type, const component::Record& t, int depth) {
    skip_name();
    const char close = open("{([<");
    if (close == '\0') return std::nullopt;
    auto items = members(type, t.fields, depth);
    eat(close);
    return items ? std::optional(record(t, *std::move(items))) : std::nullopt;
  }
  static Value record(const component::Record& t, std::vector<Value> items) {
    std::vector<Value::Field> fields;
    for (std::size_t i = 0; i < t.fields.size(); ++i)
      fields.push_back({t.fields[i].label, std::move(items[i])});
    return Value::record(std::move(fields));
  }

  /// Fields with their names or in their order, up to a closing bracket or the end. A name that is
  /// of none is passed with its value; what is not given is filled up.
  std::optional<std::vector<Value>> members(const TypeView& type,
                                            std::span<const component::LabelValType> fields,
                                            int depth) {
    std::vector<std::string_view> labels;
    for (const auto& field : fields) labels.push_back(field.label);
    std::vector<std::optional<Value>> found(fields.size());
    const bool exact = std::exchange(exact_, false);
    while (peek() != '\0' && !std::string_view(")]}>").contains(peek())) {
      const std::size_t before = at_;
      bool named = false;
      std::optional<std::size_t> place = place_of(labels, named);
      if (!named || (exact && !place)) {
        at_ = before;
        const auto next = std::ranges::find_if(found, [](const auto& v) { return !v; });
        if (next != found.end()) place = static_cast<std::size_t>(next - found.begin());
      }
      if (place && !found[*place]) {
        found[*place] = value(type.at(fields[*place].type), depth + 1);
        if (!found[*place]) return std::nullopt;
      } else {
        if (exact) return std::nullopt;
        skip_value();
      }
      if (!eat_comma() || at_ == before) return std::nullopt;
    }
    return filled(type, fields, std::move(found));
  }
  /// `x: `, `x=`, and `x ` before a value: the field of that name. `named`: it is one of these.
  std::optional<std::size_t> place_of(Words labels, bool& named) {
    const std::string_view name = word();
    named = !name.empty() && eat_separator();
    if (!named && is_one_of(name, labels) && text_[at_ - 1] == ' ')
      named = !std::string_view(",;)]}").contains(peek());
    return named ? label_of(name, labels) : std::nullopt;
  }
  std::optional<std::vector<Value>> filled(const TypeView& type,
                                           std::span<const component::LabelValType> fields,
                                           std::vector<std::optional<Value>> found) {
    std::vector<Value> out;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      auto item = std::move(found[i]);
      if (!item) {
        const TypeView part = type.at(fields[i].type);
        item = default_value(part);
        const auto* def = part.def();
        const bool option = def != nullptr && std::holds_alternative<component::Option>(*def);
        if (!option) missing_.push_back(fields[i].label);
      }
      if (!item) return std::nullopt;
      out.push_back(*std::move(item));
    }
    return out;
  }

  /// `{ "label": value }` of JSON: the label, with the cursor at the value. Nothing, and nothing is
  /// read, when it is no such object.
  std::optional<std::string_view> json_label() {
    const std::size_t before = at_;
    if (!eat('{')) return std::nullopt;
    const std::string_view name = word();
    if (!name.empty() && eat_separator()) return name;
    at_ = before;
    return std::nullopt;
  }
  /// A case as JSON has it, `{ "label": … }`, `["label", …]` or `{ "type": "label", "value": … }`:
  /// the label, with the cursor at the value. Nothing, and nothing is read, when it is none of
  /// them.
  std::optional<std::string_view> json_case(Words labels) {
    static constexpr std::string_view tags[] = {"type", "tag", "kind", "case", "_tag", "$case"};
    const std::size_t before = at_;
    if (eat('[')) {
      const std::string_view name = word();
      if (label_of(name, labels) && (eat(',') || peek() == ']')) return name;
      at_ = before;
      return std::nullopt;
    }
    const auto key = json_label();
    if (!key || !is_one_of(*key, tags) || is_one_of(*key, labels)) return key;
    const std::string_view name = word();
    if (eat(',')) {
      word();
      eat_separator();
    }
    return name;
  }
  void end_json() {
    if (!eat('}')) eat(']');
  }
  /// The payload behind a case's name; `json`: up to a `}` or `]`.
  std::optional<Value> payload(const TypeView& type, std::string_view label, bool json, int depth) {
    if (json) {
      auto out = value(type, depth);
      end_json();
      return out;
    }
    if (eat('(')) {
      std::optional<Value> out;
      if (peek() == ')') {
        out = filler(type, label);
      } else if (is_several("")) {
        const std::size_t before = at_;
        out = several(type, depth);
        if (!out) at_ = before;
      }
      if (!out) out = value(type, depth);
      if (!eat(')')) return std::nullopt;
      return out;
    }
    eat_separator();
    const bool goes_on = peek() != '\0' && !std::string_view(",;)]}").contains(peek());
    return goes_on ? value(type, depth) : filler(type, label);
  }
  std::optional<Value> filler(const TypeView& type, std::string_view label) {
    missing_.emplace_back(label);
    return default_value(type);
  }
  /// What stands behind a case that has no payload: `()`, `(())`, `null`.
  void no_payload(bool json) {
    if (json) {
      skip_value();
      end_json();
    } else if (peek() == '(') {
      skip_value();
    }
  }

  std::optional<Value> def(const TypeView& type, const component::Variant& t, int depth) {
    std::vector<std::string_view> labels;
    for (const auto& c : t.cases) labels.push_back(c.label);
    const auto named = json_case(labels);
    const auto place = label_of(named ? *named : word(), labels);
    if (!place) return std::nullopt;
    const auto& c = t.cases[*place];
    if (!c.type) {
      no_payload(named.has_value());
      return Value::variant(c.label);
    }
    auto item = payload(type.at(*c.type), c.label, named.has_value(), depth);
    return item ? std::optional(Value::variant(c.label, std::move(item))) : std::nullopt;
  }
  std::optional<Value> def(const TypeView&, const component::Enum& t, int) {
    const std::vector<std::string_view> labels(t.labels.begin(), t.labels.end());
    const auto named = json_case(labels);
    const std::string_view name = named ? *named : word();
    auto place = label_of(name, labels);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) place = number;
    if (!place || *place >= labels.size()) return std::nullopt;
    no_payload(named.has_value());
    return Value::enumeration(t.labels[*place]);
  }
  std::optional<Value> def(const TypeView&, const component::Flags& t, int) {
    skip_name();
    const char close = open("{[(");
    auto out = flags_of(t, close != '\0');
    if (close != '\0' && !eat(close)) return std::nullopt;
    return out;
  }
  /// Flags up to a closing bracket or the end; `commas` may be between them.
  std::optional<Value> flags_of(const component::Flags& t, bool commas) {
    const std::vector<std::string_view> labels(t.labels.begin(), t.labels.end());
    std::vector<bool> set(labels.size());
    while (peek() != '\0' && !std::string_view(")]}").contains(peek())) {
      const std::string_view name = word();
      const auto place = label_of(name, labels);
      if (!place && name != "0" && !is_one_of(name, none_words)) return std::nullopt;
      bool on = place.has_value();
      if (eat_separator()) on = !is_one_of(word(), false_words);
      if (place) set[*place] = on;
      if (!eat('|') && !eat('+') && !(commas && (eat(',') || eat(';')))) break;
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (set[i]) out.push_back(t.labels[i]);
    }
    return Value::flags(std::move(out));
  }

  std::optional<Value> def(const TypeView& type, const component::Option& t, int depth) {
    const TypeView inner = type.at(t.type);
    const std::size_t before = at_;
    const auto named = json_label();
    if (named && is_one_of(*named, some_words)) return some(payload(inner, "some", true, depth));
    at_ = before;
    skip();
    if (!quoted_end() || inner.prim() != PrimValType::string) {
      const std::string_view w = word();
      if (is_one_of(w, none_words)) {
        no_payload(false);
        return Value::none();
      }
      const bool goes_on = peek() != '\0' && !std::string_view(",;)]}").contains(peek());
      if (is_one_of(w, some_words) && goes_on) return some(payload(inner, "some", false, depth));
      at_ = before;
    }
    return some(value(inner, depth));
  }
  static std::optional<Value> some(std::optional<Value> item) {
    return item ? std::optional(Value::some(*std::move(item))) : std::nullopt;
  }
  std::optional<Value> def(const TypeView& type, const component::ResultType& t, int depth) {
    const std::size_t before = at_;
    static constexpr std::string_view both[] = {"ok", "err"};
    const auto named = json_case(both);
    const std::string_view w = named ? *named : word();
    const bool err = is_one_of(w, err_words);
    if (!err && !is_one_of(w, ok_words)) {
      if (!t.ok && is_one_of(w, true_words)) return Value::ok();
      if (!t.err && is_one_of(w, false_words)) return Value::err();
      at_ = before;
      auto item = t.ok ? value(type.at(*t.ok), depth) : std::nullopt;
      if (item) return Value::ok(std::move(item));
      constexpr int deepest = 3;  // both are tried: twice as much at each depth
      if (!t.err || depth > deepest) return std::nullopt;
      at_ = before;
      item = value(type.at(*t.err), depth);
      return item ? std::optional(Value::err(std::move(item))) : std::nullopt;
    }
    const auto& part = err ? t.err : t.ok;
    if (!part) {
      no_payload(named.has_value());
      return err ? Value::err() : Value::ok();
    }
    auto item = payload(type.at(*part), err ? "err" : "ok", named.has_value(), depth);
    if (!item) return std::nullopt;
    return err ? Value::err(std::move(item)) : Value::ok(std::move(item));
  }
  template <class Handle>
  std::optional<Value> def(const TypeView&, const Handle&, int) {
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  /// What is read next are the arguments of a call: none is too many.
  bool exact_ = false;
  std::vector<std::string> missing_;
};

}  // namespace

std::optional<MeantValue> meant_value(std::string_view text, const TypeView& type) {
  if (text.size() > max_text || !is_utf8(text)) return std::nullopt;
  Reader reader(text);
  auto value = reader.value(type);
  if (!value || !reader.at_end()) return std::nullopt;
  return MeantValue{*std::move(value), reader.take_missing()};
}

std::optional<MeantArguments> meant_arguments(std::string_view args, const abi::Types& types,
                                              std::span<const component::LabelValType> params) {
  if (args.size() > max_text || !is_utf8(args)) return std::nullopt;
  Reader reader(args);
  if (!reader.eat('(')) return std::nullopt;
  auto values = reader.arguments(types, params);
  if (!values || !reader.at_end()) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < values->size(); ++i)
    out += (i == 0 ? "" : ", ") + to_wave((*values)[i], TypeView{types, params[i].type}, max_text);
  return MeantArguments{fmt::format("({})", out), *std::move(values), reader.take_missing()};
}

bool is_handle(const TypeView& type) {
  const auto* def = type.def();
  return def != nullptr && (std::holds_alternative<component::Own>(*def) ||
                            std::holds_alternative<component::Borrow>(*def));
}

std::optional<std::string> example_arguments(const abi::Types& types,
                                             std::span<const component::LabelValType> params) {
  std::string out;
  for (const auto& param : params) {
    const TypeView type{types, param.type};
    const auto value = default_value(type);
    if (!value) return std::nullopt;
    out += (out.empty() ? "" : ", ") + to_wave(*value, type, max_text);
  }
  if (out.size() > max_text) return std::nullopt;
  return fmt::format("({})", out);
}

std::string write_help(std::string_view text, std::span<const std::string> missing) {
  std::string names;
  for (const std::string& name : missing)
    names += fmt::format("{}`{}`", names.empty() ? "" : " and ", name);
  return fmt::format("write `{}`{}{}", text, names.empty() ? "" : ", with your value for ", names);
}

}  // namespace tenon::runtime
