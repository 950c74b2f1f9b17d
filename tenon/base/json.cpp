// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "tenon/base/number.h"
#include "tenon/base/rules.h"
#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"

namespace tenon {

Json Json::boolean(bool v) {
  Json j;
  j.kind_ = Kind::boolean;
  j.bool_ = v;
  return j;
}
Json Json::number(std::string text) {
  Json j;
  j.kind_ = Kind::number;
  j.text_ = std::move(text);
  return j;
}
Json Json::number(std::int64_t v) {
  return number(fmt::format("{}", v));
}
Json Json::string(std::string v) {
  Json j;
  j.kind_ = Kind::string;
  j.text_ = std::move(v);
  return j;
}
Json Json::array(std::vector<Json> items) {
  Json j;
  j.kind_ = Kind::array;
  j.items_ = std::move(items);
  return j;
}
Json Json::object(std::vector<Member> members) {
  Json j;
  j.kind_ = Kind::object;
  j.members_ = std::move(members);
  j.index_members();
  return j;
}

void Json::index_members() {
  constexpr std::size_t few = 12;
  by_name_.clear();
  if (members_.size() <= few) return;
  by_name_.resize(members_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  // The first of several with one name is the one that is found.
  std::ranges::sort(by_name_, [&](std::uint32_t a, std::uint32_t b) {
    const int order = members_[a].first.compare(members_[b].first);
    return order != 0 ? order < 0 : a < b;
  });
}

double Json::as_double() const {
  double v = 0;
  return parse_float(text_, v) == std::errc::invalid_argument ? 0 : v;
}

const Json* Json::find(std::string_view name) const {
  if (!by_name_.empty()) {
    const auto it = std::ranges::lower_bound(
        by_name_, name, {}, [&](std::uint32_t i) { return std::string_view(members_[i].first); });
    const bool found = it != by_name_.end() && members_[*it].first == name;
    return found ? &members_[*it].second : nullptr;
  }
  for (const auto& [key, value] : members_) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Json::describe() const {
  switch (kind_) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return bool_ ? "true" : "false";
    case Kind::number:
      return fmt::format("the number {}", text_.substr(0, 40));
    case Kind::string:
      return "a string";
    case Kind::array:
      return fmt::format("an array of {}", items_.size());
    case Kind::object:
      return "an object";
  }
  return {};
}

namespace {

void escape_to(std::string& out, char32_t c) {
  constexpr std::string_view plain = "\"\\\n\r\t";
  constexpr std::string_view letters = "\"\\nrt";
  if (const auto at = plain.find(static_cast<char>(c)); c < 0x80 && at != std::string_view::npos) {
    out += '\\';
    out += letters[at];
  } else if (c < 0x10000) {
    out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
  } else {
    const auto rest = static_cast<std::uint32_t>(c) - 0x10000;
    out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
  }
}

/// What a terminal or an editor would act upon is escaped as well as what JSON asks for.
void quote_to(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // what needs no escape is taken in one piece
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t begin = i;
    char32_t c = byte;
    // Only these leads have anything below them that is escaped.
    if (byte == 0xC2 || byte == 0xD8 || byte == 0xE2) {
      const std::size_t length = byte == 0xE2 ? 3 : 2;
      if (!is_utf8(text.substr(i, length))) {
        ++i;
        continue;
      }
      c = next_scalar(text, i);
      if (!is_disruptive(c)) continue;
    } else {
      ++i;
      if (byte >= 0x7F ? byte != 0x7F : byte >= 0x20 && byte != '"' && byte != '\\') continue;
    }
    out.append(text, plain, begin - plain);
    plain = i;
    escape_to(out, c);
  }
  out.append(text, plain);
  out += '"';
}

}  // namespace

std::string Json::quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  quote_to(out, text);
  return out;
}

void Json::dump_to(std::string& out, int indent, int level) const {
  const auto line = [&](int at) {
    if (indent > 0) {
      out += '\n';
      out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(at), ' ');
    }
  };
  switch (kind_) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += bool_ ? "true" : "false";
      return;
    case Kind::number:
      out += text_;
      return;
    case Kind::string:
      quote_to(out, text_);
      return;
    case Kind::array:
      out += '[';
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (i != 0) out += indent > 0 ? "," : ", ";
        line(level + 1);
        items_[i].dump_to(out, indent, level + 1);
      }
      if (!items_.empty()) line(level);
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (std::size_t i = 0; i < members_.size(); ++i) {
        if (i != 0) out += indent > 0 ? "," : ", ";
        line(level + 1);
        quote_to(out, members_[i].first);
        out += ": ";
        members_[i].second.dump_to(out, indent, level + 1);
      }
      if (!members_.empty()) line(level);
      out += '}';
      return;
  }
}

std::string Json::dump(int indent) const {
  std::string out;
  dump_to(out, indent, 0);
  return out;
}

/// Recursive descent with a bounded depth.
class JsonParser {
 public:
  JsonParser(std::string_view text, std::uint32_t source) : text_(text), source_(source) {}

  Result<Json> document() {
    auto value = TENON_TRY(parse(0));
    skip_space();
    if (at_ != text_.size()) return std::unexpected(fail("the end of the text"));
    return value;
  }

 private:
  static constexpr int max_depth = 200;

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  /// What is at the place: a mark alone, or the word, cut when it is long.
  [[nodiscard]] std::string_view word() const {
    constexpr std::string_view ends = "{}[],:\"\\ \t\r\n";
    if (at_ == text_.size()) return {};
    std::size_t n = 1;
    if (ends.find(text_[at_]) != std::string_view::npos) return text_.substr(at_, n);
    while (at_ + n < text_.size() && n < 24 && ends.find(text_[at_ + n]) == std::string_view::npos)
      ++n;
    while (at_ + n < text_.size() && (static_cast<unsigned char>(text_[at_ + n]) & 0xC0U) == 0x80)
      ++n;
    return text_.substr(at_, n);
  }
  [[nodiscard]] Error fail(std::string_view wanted, std::string help = {}) const {
    const auto here = static_cast<std::uint32_t>(at_);
    const std::string_view there = word();
    const auto found = there.empty() ? std::string("the end") : fmt::format("`{}`", there);
    Error error(rules::json_syntax, Span{source_, here, here + (there.empty() ? 0U : 1U)},
                fmt::format("found {}, wanted {}", found, wanted));
    if (help.empty()) return error;
    return std::move(error).help(std::move(help));
  }
  static bool is_comment(std::string_view there) {
    return there.starts_with("//") || there.starts_with("/*") || there.starts_with('#');
  }
  /// A list or an object that goes on or ends otherwise than by `,` or its bracket.
  [[nodiscard]] Error not_closed(std::size_t open, std::string_view what, char close) const {
    const std::string_view there = word();
    const bool ends = there.empty() || there == "}" || there == "]" || there == ":";
    const auto begin = static_cast<std::uint32_t>(open);
    const bool number = at_ > 0 && text_[at_ - 1] >= '0' && text_[at_ - 1] <= '9';
    std::string help =
        ends ? fmt::format("put a `{}` before it: it closes the {}", close, what)
             : fmt::format("put a `,` before it, or a `{}` that closes the {}", close, what);
    if (is_comment(there))
      help = "JSON has no comments";
    else if (number && !ends)
      help = "numbers have decimal digits alone, without separators: `16`, `1000`, `0.5`, `1e3`";
    return fail(fmt::format("`,` or `{}`", close), std::move(help))
        .note(Span{source_, begin, begin + 1}, fmt::format("the {} opens here", what));
  }
  /// Spellings of other languages.
  [[nodiscard]] Error no_value() const {
    const std::string_view there = word();
    std::string help;
    if (there.starts_with('\'')) help = "strings have double quotes in JSON";
    if (is_comment(there)) help = "JSON has no comments";
    if (there == "]" || there == "}") help = "there is no comma after the last one";
    const auto digit = [&](std::size_t at) {
      return there.size() > at && there[at] >= '0' && there[at] <= '9';
    };
    if (there.starts_with('.') && digit(1)) help = fmt::format("write `0{}`", there);
    if (there.starts_with("-.") && digit(2)) help = fmt::format("write `-0{}`", there.substr(1));
    if (there.starts_with('+') && digit(1)) help = fmt::format("write `{}`", there.substr(1));
    for (const auto& [other, ours] : {std::pair("True", "true"),
                                      {"False", "false"},
                                      {"None", "null"},
                                      {"undefined", "null"},
                                      {"NaN", "\"nan\""},
                                      {"Infinity", "\"inf\""},
                                      {"-Infinity", "\"-inf\""}}) {
      if (there == other) help = fmt::format("write `{}`", ours);
    }
    return fail("a value", std::move(help));
  }
  [[nodiscard]] Error no_name() const {
    const std::string_view there = word();
    std::string help;
    if (there == "}") {
      help = "there is no comma after the last member";
    } else if (there.starts_with('\'')) {
      help = "names and strings have double quotes in JSON";
    } else if (is_comment(there)) {
      help = "JSON has no comments";
    } else if (!there.empty() && std::string_view("[]{,:").find(there) == std::string_view::npos) {
      help = fmt::format("write `\"{}\"`", there);
    }
    return fail("a member's name in quotes", std::move(help));
  }
  bool eat(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Result<Json> parse(int depth) {
    skip_space();
    const auto begin = static_cast<std::uint32_t>(at_);
    auto value = TENON_TRY(value_at(depth));
    value.span_ = {source_, begin, static_cast<std::uint32_t>(at_)};
    return value;
  }
  Result<Json> value_at(int depth) {
    if (depth > max_depth) return std::unexpected(fail("less nesting"));
    if (at_ == text_.size()) return std::unexpected(no_value());
    const char c = text_[at_];
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') {
      auto s = TENON_TRY(quoted());
      return Json::string(std::move(s));
    }
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    for (const std::string_view word : {"null", "true", "false"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "null" ? Json() : Json::boolean(word == "true");
    }
    return std::unexpected(no_value());
  }
  Result<Json> array(int depth) {
    const std::size_t open = at_++;
    std::vector<Json> items;
    if (eat(']')) return Json::array({});
    do {
      auto item = TENON_TRY(parse(depth + 1));
      items.push_back(std::move(item));
    } while (eat(','));
    if (!eat(']')) return std::unexpected(not_closed(open, "list", ']'));
    return Json::array(std::move(items));
  }
  Result<Json> object(int depth) {
    const std::size_t open = at_++;
    Json out = Json::object({});
    if (eat('}')) return out;
    std::vector<std::size_t> begins;
    do {
      skip_space();
      if (at_ == text_.size() || text_[at_] != '"') return std::unexpected(no_name());
      begins.push_back(at_);
      auto name = TENON_TRY(quoted());
      if (!eat(':'))
        return std::unexpected(fail("`:`", fmt::format("write `\"{}\": VALUE`", name)));
      auto value = TENON_TRY(parse(depth + 1));
      out.members_.emplace_back(std::move(name), std::move(value));
    } while (eat(','));
    if (!eat('}')) return std::unexpected(not_closed(open, "object", '}'));
    out.index_members();
    if (const auto twice = second_of_a_name(out)) {
      at_ = begins[*twice];
      return std::unexpected(fail("a name that the object does not have yet"));
    }
    return out;
  }
  /// The first member whose name an earlier one has.
  static std::optional<std::size_t> second_of_a_name(const Json& object) {
    std::optional<std::size_t> out;
    const auto name = [&](std::size_t i) -> const std::string& {
      return object.members_[object.by_name_.empty() ? i : object.by_name_[i]].first;
    };
    if (object.by_name_.empty()) {
      for (std::size_t i = 1; i < object.members_.size() && !out; ++i) {
        for (std::size_t k = 0; k < i && !out; ++k) {
          if (name(k) == name(i)) out = i;
        }
      }
      return out;
    }
    for (std::size_t i = 1; i < object.by_name_.size(); ++i) {
      if (name(i) == name(i - 1))
        out = std::min<std::size_t>(out.value_or(SIZE_MAX), object.by_name_[i]);
    }
    return out;
  }
  Result<Json> number() {
    const auto begin = at_;
    const auto digits = [&] {
      const auto from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ != from;
    };
    if (text_[at_] == '-') ++at_;
    const bool zero = at_ < text_.size() && text_[at_] == '0';
    const auto first = at_;
    if (!digits() || (zero && at_ - first > 1)) return std::unexpected(bad_number(begin));
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return std::unexpected(bad_number(begin));
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return std::unexpected(bad_number(begin));
    }
    return Json::number(std::string(text_.substr(begin, at_ - begin)));
  }
  Error bad_number(std::size_t begin) {
    at_ = begin;
    return word() == "-Infinity" ? no_value() : fail("a number");
  }
  Result<std::uint32_t> hex4() {
    std::uint32_t code = 0;
    if (at_ + 4 > text_.size()) return std::unexpected(fail("four hexadecimal digits"));
    const auto* begin = text_.data() + at_;
    const auto [ptr, ec] = std::from_chars(begin, begin + 4, code, 16);
    if (ec != std::errc() || ptr != begin + 4)
      return std::unexpected(fail("four hexadecimal digits"));
    at_ += 4;
    return code;
  }
  Result<void> escape(std::string& out) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (const auto i = letters.find(c); c != '\0' && i != std::string_view::npos) {
      out += meanings[i];
      ++at_;
      return {};
    }
    if (c != 'u') return std::unexpected(fail("an escape"));
    ++at_;
    auto code = TENON_TRY(hex4());
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const auto low = TENON_TRY(hex4());
      if (low < 0xDC00 || low > 0xDFFF)
        return std::unexpected(fail("the second half of a surrogate pair"));
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (code >= 0xD800 && code < 0xE000) return std::unexpected(fail("a pair of surrogates"));
    append_utf8(out, static_cast<char32_t>(code));
    return {};
  }
  Result<std::string> quoted() {
    ++at_;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        return std::unexpected(fail("an escape for a control code"));
      if (text_[at_] == '\\') {
        ++at_;
        TENON_TRY(escape(out));
      } else {
        out += text_[at_++];
      }
    }
    if (at_ == text_.size()) return std::unexpected(fail("a closing `\"`"));
    ++at_;
    return out;
  }

  std::string_view text_;
  std::uint32_t source_;
  std::size_t at_ = 0;
};

Result<Json> Json::parse(std::string_view text, std::uint32_t source) {
  if (const auto bad =
          utf8_error({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {
    const auto at = static_cast<std::uint32_t>(*bad);
    return std::unexpected(Error(rules::utf8, Span{source, at, at + 1}, "JSON is UTF-8"));
  }
  JsonParser parser(text, source);
  return parser.document();
}

}  // namespace tenon
