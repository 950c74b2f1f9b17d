// SPDX-License-Identifier: Apache-2.0
// Types and functions are written by those who know another language well and WIT not yet. Their
// text is read here as that language means it, one reader for all, so that a message shows the very
// line to write. What is read is not WIT: the parser decides that it is not, and where it ends.
#include "tenon/wit/meant.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "tenon/base/ascii.h"
#include "tenon/base/nearest.h"
#include "tenon/wit/lex.h"

namespace tenon::wit {
namespace {

constexpr std::size_t max_text = 400;
constexpr int max_depth = 20;
/// Stands before the name of a type that is a reference, inside this room.
constexpr char lent_sign = '&';
/// The type without a value, inside this file.
constexpr std::string_view unit = "()";

struct Row {
  std::string_view words;
  std::string_view mend;
};

/// Words without `_` and `-`, in lower case.
constexpr Row prims[] = {
    {" bool boolean ", "bool"},
    {" i8 int8 int8t sbyte signedchar schar s8 ", "s8"},
    {" i16 int16 int16t short shortint s16 ", "s16"},
    {" i32 int32 int32t int integer isize ptrdifft intptrt ssizet s32 signed ", "s32"},
    {" i64 int64 int64t long longlong longint longlongint bigint s64 ", "s64"},
    {" u8 uint8 uint8t byte ubyte uchar unsignedchar char8t stdbyte ", "u8"},
    {" u16 uint16 uint16t ushort unsignedshort ", "u16"},
    {" u32 uint32 uint32t uint usize sizet uintptrt unsigned unsignedint ", "u32"},
    {" u64 uint64 uint64t ulong ulonglong unsignedlong unsignedlonglong ", "u64"},
    {" f32 float float32 single ", "f32"},
    {" f64 double float64 number real longdouble num ", "f64"},
    {" char rune char32t wchart char16t character ", "char"},
    {" string str text cstr cstring stringview osstr osstring path pathbuf wstring u8string "
     "varchar "
     "basicstring ",
     "string"},
    {" bytes blob buffer bytearray uint8array arraybuffer bytestring binary bytebuffer ",
     "list<u8>"},
    {" int8array ", "list<s8>"},
    {" int16array ", "list<s16>"},
    {" uint16array ", "list<u16>"},
    {" int32array ", "list<s32>"},
    {" uint32array ", "list<u32>"},
    {" float32array ", "list<f32>"},
    {" float64array ", "list<f64>"},
    {" void unit none null nil undefined nonetype ", unit},
};

/// Words that take types.
constexpr Row generics[] = {
    {" vec vector array sequence slice set list vectorset hashset btreeset unorderedset deque "
     "vecdeque linkedlist span iterable collection arraylist readonlyarray seq ienumerable queue "
     "stack initializerlist frozenset mutablelist ",
     "list"},
    {" optional maybe nullable option ", "option"},
    {" either expected result outcome ", "result"},
    {" tuple pair triple ", "tuple"},
    {" map dict hashmap btreemap unorderedmap dictionary record object treemap mapping "
     "linkedhashmap "
     "mutablemap orderedmap ",
     "map"},
    {" promise future task awaitable completablefuture coroutine ", "future"},
    {" stream channel observable iterator generator asynciterator sender receiver flow "
     "asyncgenerator readablestream asynciterable ",
     "stream"},
    {" own handle ", "own"},
    {" borrow ref ", "borrow"},
    {" box rc arc uniqueptr sharedptr cow referencewrapper cell refcell mutex readonly annotated "
     "final ",
     ""},
};

std::string plain(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c != '_' && c != '-') out += to_lower(c);
  }
  return out;
}

template <std::size_t n>
const Row* find_row(const Row (&rows)[n], std::string_view word) {
  const std::string wanted = fmt::format(" {} ", plain(word));
  const auto* found =
      std::ranges::find_if(rows, [&](const Row& row) { return row.words.contains(wanted); });
  return found == std::end(rows) ? nullptr : found;
}

/// What a word alone is, `()` included; empty when it is unknown.
std::string_view prim_of(std::string_view word) {
  if (word == "ID") return "string";  // of GraphQL
  if (const Row* row = find_row(prims, word)) return row->mend;
  constexpr std::string_view non_zero = "NonZero";
  if (!word.starts_with(non_zero)) return {};
  const Row* row = find_row(prims, word.substr(non_zero.size()));
  return row == nullptr ? std::string_view() : row->mend;
}

bool is_prim(std::string_view type) {
  static constexpr std::string_view all[] = {"bool", "s8",  "s16", "s32", "s64",  "u8",    "u16",
                                             "u32",  "u64", "f32", "f64", "char", "string"};
  return std::ranges::find(all, type) != std::end(all);
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A name of WIT's own, with its `%` where it needs one; empty when it is none.
std::string as_name(std::string_view word) {
  std::string out = to_kebab(word);
  for (char& c : out) c = to_lower(c);
  if (!is_kebab(out)) return {};
  return is_keyword_text(out) ? "%" + out : out;
}

class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  std::optional<std::string> type(int depth = 0) {
    if (depth > max_depth) return std::nullopt;
    lent_ = false;
    bool optional = modifiers();
    const bool before = lent_;
    const auto first = base(depth);
    if (!first) return std::nullopt;
    std::string out = *first;
    lent_ = before;
    if (!suffixes(out, optional)) return std::nullopt;
    const bool word = std::ranges::all_of(out, [](char c) { return is_word(c) || c == '%'; });
    if (lent_ && word && !is_prim(out) && !is_keyword_text(out)) out.insert(0, 1, lent_sign);
    while (eat('|')) {
      const auto other = type(depth + 1);
      if (!other) return std::nullopt;
      if (out != unit && *other != unit) return std::nullopt;
      if (out == unit) out = *other;
      optional = true;
    }
    if (optional && out == unit) return std::nullopt;
    return optional ? fmt::format("option<{}>", out) : out;
  }
  [[nodiscard]] bool at_end() {
    skip();
    return at_ == text_.size();
  }

 private:
  void skip() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  [[nodiscard]] char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool eat(char c) {
    if (peek() != c || c == '\0') return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      if (text_.substr(at_).starts_with("->")) break;
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  std::string_view peek_word() {
    const std::size_t before = at_;
    const std::string_view out = word();
    at_ = before;
    return out;
  }

  /// Passes what stands before a type and is no part of it; true when it may be absent.
  bool modifiers() {
    constexpr std::string_view words =
        " const mut volatile struct class enum in out inout ref readonly final static dyn impl "
        "typename required constexpr pub public private ";
    bool optional = false;
    while (true) {
      const char c = peek();
      if (c == '&' || c == '*') {
        ++at_;
        lent_ = true;
        continue;
      }
      if (c == '\'' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1])) {
        ++at_;
        word();
        continue;
      }
      if (c == '?') {
        optional = true;
        ++at_;
        continue;
      }
      const std::size_t before = at_;
      const std::string_view w = word();
      const bool more = is_letter(peek()) || peek() == '&' || peek() == '[' || peek() == '*';
      if (!w.empty() && more && words.contains(fmt::format(" {} ", w))) continue;
      if ((w == "optional" || w == "nullable") && is_letter(peek())) {
        optional = true;
        continue;
      }
      at_ = before;
      return optional;
    }
  }

  std::optional<std::string> base(int depth) {
    if (eat('[')) return brackets(depth);
    if (eat('(')) {
      auto parts = list(')', depth);
      if (!parts || text_.substr(at_).find("->") != std::string_view::npos ||
          text_.substr(at_).find("=>") != std::string_view::npos)
        return std::nullopt;
      if (parts->empty()) return std::string(unit);
      return parts->size() == 1 ? (*parts)[0] : tuple_of(*parts);
    }
    if (eat('"')) {
      auto inside = type(depth + 1);
      return eat('"') ? std::move(inside) : std::nullopt;
    }
    std::string name(word());
    if (name.empty() || is_digit(name[0])) return std::nullopt;
    if ((name == "chan" || name == "stream") && is_letter(peek())) {  // of Go, of protobuf
      const auto of = type(depth + 1);
      return of && *of != unit ? std::optional(fmt::format("stream<{}>", *of)) : std::nullopt;
    }
    if (name == "unsigned" || name == "signed" || name == "long" || name == "short") {
      constexpr std::string_view more = " int long short char double unsigned signed ";
      while (!peek_word().empty() && more.contains(fmt::format(" {} ", peek_word())))
        name += word();
    }
    if (!path(name)) return std::nullopt;
    const char open = peek();
    const bool round = open == '(' && is_keyword_text(to_kebab(name));
    const bool square = open == '[' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1]);
    if (open == '<' || round || square) {
      ++at_;
      return generic(name, open == '<' ? '>' : open == '(' ? ')' : ']', depth);
    }
    if (const std::string_view known = prim_of(name); !known.empty()) return std::string(known);
    if (name == "result" || name == "stream" || name == "future") return name;
    if (is_keyword_text(to_kebab(name))) return std::nullopt;
    std::string out = as_name(name);
    return out.empty() ? std::nullopt : std::optional(std::move(out));
  }
  /// `std::string` and `typing.List`: the last word. False when the path is of somebody else's.
  bool path(std::string& name) {
    constexpr std::string_view spaces =
        " std core alloc collections string vec boost absl google java util lang typing builtins "
        "system generic chrono sync rc boxed option result io ffi crate tl stdext experimental "
        "std_filesystem filesystem pmr cstdint fmt ";
    while (true) {
      const std::string_view left = text_.substr(at_);
      const std::size_t sign = left.starts_with("::") ? 2 : left.starts_with('.') ? 1 : 0;
      if (sign == 0) return true;
      if (!spaces.contains(fmt::format(" {} ", plain(name)))) return false;
      at_ += sign;
      name = std::string(word());
      if (name.empty()) return false;
    }
  }
  /// `[u8]`, `[u8; 4]`, `[]u8`, `[4]u8`, `[u8, u8]`: the bracket is behind us.
  std::optional<std::string> brackets(int depth) {
    if (eat(']')) {
      const auto elem = type(depth + 1);
      return elem ? std::optional(fmt::format("list<{}>", *elem)) : std::nullopt;
    }
    if (is_digit(peek())) {
      const std::string length(word());
      if (!eat(']')) return std::nullopt;
      const auto elem = type(depth + 1);
      return elem ? std::optional(fmt::format("list<{}, {}>", *elem, length)) : std::nullopt;
    }
    const std::size_t before = at_;
    if (const auto key = is_digit(peek()) ? std::nullopt : type(depth + 1); key && eat(':')) {
      const auto value = type(depth + 1);  // of Swift
      return value && eat(']') ? std::optional(fmt::format("map<{}, {}>", *key, *value))
                               : std::nullopt;
    }
    at_ = before;
    auto parts = list(']', depth);
    if (!parts || parts->empty()) return std::nullopt;
    if (parts->size() == 1) return fmt::format("list<{}>", (*parts)[0]);
    if (parts->size() == 2 && is_digit((*parts)[1][0]))
      return fmt::format("list<{}, {}>", (*parts)[0], (*parts)[1]);
    return tuple_of(*parts);
  }
  /// Types and numbers up to a closing bracket.
  std::optional<std::vector<std::string>> list(char close, int depth) {
    std::vector<std::string> out;
    while (!eat(close)) {
      if (peek() == '\0') return std::nullopt;
      if (is_digit(peek())) {
        out.emplace_back(word());
      } else if (peek() == '_') {
        word();
        out.emplace_back(unit);
      } else if (peek() == '\'') {
        ++at_;
        word();  // a lifetime
      } else {
        auto one = type(depth + 1);
        if (!one) return std::nullopt;
        out.push_back(*std::move(one));
      }
      if (eat(',') || eat(';')) continue;
      if (peek() != close) return std::nullopt;
    }
    return out;
  }
  static std::string tuple_of(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return fmt::format("tuple<{}>", out);
  }
  static std::string result_of(const std::string& ok, const std::string& err) {
    if (ok == unit) return err == unit ? "result" : fmt::format("result<_, {}>", err);
    return err == unit ? fmt::format("result<{}>", ok) : fmt::format("result<{}, {}>", ok, err);
  }
  std::optional<std::string> generic(std::string_view name, char close, int depth) {
    const auto args = list(close, depth);
    if (!args || args->empty()) return std::nullopt;
    if (close == ']' && name == "map" && args->size() == 1) {  // of Go
      const auto of = type(depth + 1);
      return of ? std::optional(fmt::format("map<{}, {}>", (*args)[0], *of)) : std::nullopt;
    }
    const std::string& first = (*args)[0];
    const std::string second = args->size() > 1 ? (*args)[1] : std::string(unit);
    if (plain(name) == "union" && args->size() == 2 && (first == unit || second == unit))
      return fmt::format("option<{}>", first == unit ? second : first);
    if (plain(name) == "basicstring" || plain(name) == "cow") return "string";
    const Row* row = find_row(generics, name);
    if (row == nullptr) return std::nullopt;
    // Of another language's the rest are allocators and the like; of WIT's own there is no rest.
    const std::size_t most = row->mend == "map" || row->mend == "result" ? 2 : 1;
    const bool length = row->mend == "list" && is_digit(second[0]);
    if (name == row->mend && row->mend != "tuple" && !length && args->size() > most)
      return std::nullopt;
    if (row->mend == "result") return result_of(first, second);
    if (row->mend == "future" || row->mend == "stream")
      return first == unit ? std::string(row->mend) : fmt::format("{}<{}>", row->mend, first);
    if (std::ranges::find(*args, unit) != args->end()) return std::nullopt;
    if (row->mend == "tuple") return tuple_of(*args);
    if (row->mend == "map")
      return args->size() < 2 ? std::nullopt
                              : std::optional(fmt::format("map<{}, {}>", first, second));
    if (row->mend == "list" && args->size() > 1 && is_digit(second[0]))
      return fmt::format("list<{}, {}>", first, second);
    const bool handle = row->mend == "own" || row->mend == "borrow";
    if (row->mend.empty() || (handle && (is_prim(first) || first.contains('<')))) return first;
    return fmt::format("{}<{}>", row->mend, first);
  }
  /// `[]`, `[4]`, `?`, `*`, `&` and `const` behind a type. False when there is no such type in WIT.
  bool suffixes(std::string& out, bool& optional) {
    while (true) {
      const char c = peek();
      if (c == '[') {
        ++at_;
        const std::string length(word());
        if (!eat(']')) return false;
        out = length.empty() ? fmt::format("list<{}>", out)
                             : fmt::format("list<{}, {}>", out, length);
      } else if (c == '?') {
        ++at_;
        optional = true;
      } else if (c == '*') {
        ++at_;
        if (out == "char") {
          out = "string";
        } else if (out == "u8") {
          out = "list<u8>";
        } else if (out == unit || is_prim(out) || out.contains('<')) {
          return false;
        } else {  // of C: an object is named by a pointer
          lent_ = true;
        }
      } else if (c == '&') {
        ++at_;
        lent_ = true;
      } else if (c == '!') {  // of GraphQL: what is no `option` is there
        ++at_;
      } else if (peek_word() == "const" || peek_word() == "volatile") {
        word();
      } else {
        return true;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  /// The type at hand is a reference.
  bool lent_ = false;
};

/// The type, or `()` for none.
std::optional<std::string> type_or_unit(std::string_view text) {
  if (text.size() > max_text) return std::nullopt;
  TypeReader reader(text);
  auto out = reader.type();
  return out && reader.at_end() ? std::move(out) : std::nullopt;
}

std::string without_lent(std::string text) {
  std::erase(text, lent_sign);
  return text;
}

/// The parts of a list between commas that no bracket holds.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    const bool arrow = c == '>' && i > 0 && (text[i - 1] == '-' || text[i - 1] == '=');
    if (std::string_view("(<[{").contains(c)) ++depth;
    if (std::string_view(")>]}").contains(c) && !arrow && depth > 0) --depth;
    if ((c != ',' && c != ';') || (depth > 0 && i < text.size())) continue;
    if (const auto part = trimmed(text.substr(begin, i - begin)); !part.empty())
      out.push_back(part);
    begin = i + 1;
  }
  return out;
}

/// Takes words off the front as long as they are among these; says which were there.
std::vector<std::string_view> take_words(std::string_view& text, std::string_view words) {
  std::vector<std::string_view> out;
  while (true) {
    text = trimmed(text);
    std::size_t end = 0;
    while (end < text.size() && is_word(text[end])) ++end;
    const bool more = end < text.size() && (is_blank(text[end]) || text[end] == '"');
    if (end == 0 || !more || !words.contains(fmt::format(" {} ", text.substr(0, end)))) return out;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
    if (const auto name = trimmed(text); name.starts_with("\"C\"")) text = name.substr(3);
  }
}

/// A word and what is before it: `const char* name`.
std::pair<std::string_view, std::string_view> last_word(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return {trimmed(text.substr(0, begin)), text.substr(begin)};
}

bool is_known_type(std::string_view text) {
  const auto [before, word] = last_word(text);
  return before.empty() ? find_row(prims, word) != nullptr : type_or_unit(text).has_value();
}

/// `char b[4]` of C without its length: what is before it, and `]` or `, 4]` for what is in it.
std::optional<std::pair<std::string_view, std::string_view>> array_of_c(std::string_view text) {
  const auto open = text.rfind('[');
  if (open == std::string_view::npos || !text.ends_with(']') || text.contains(':'))
    return std::nullopt;
  const std::string_view length = trimmed(text.substr(open + 1, text.size() - open - 2));
  const std::string_view head = trimmed(text.substr(0, open));
  const bool named = !last_word(head).first.empty() && !last_word(head).second.empty();
  if (!named || !std::ranges::all_of(length, is_digit)) return std::nullopt;
  return std::pair(head, length);
}

/// `name []byte`, `name map[string]int`, `name *T` of Go: where the type begins.
std::size_t type_of_go(std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || !std::ranges::all_of(text.substr(0, blank), is_word))
    return std::string_view::npos;
  const std::string_view rest = trimmed(text.substr(blank));
  const bool pointer = rest.starts_with('*') && !is_known_type(text.substr(0, blank));
  const bool go = rest.starts_with('[') || rest.starts_with("map[") || pointer;
  return go ? blank : std::string_view::npos;
}

std::optional<std::string> parameter(std::string_view text, std::size_t number);

/// The same parameter as a list, of a length or of none.
std::optional<std::string> array_parameter(std::string_view head, std::string_view length,
                                           std::size_t number) {
  const auto one = parameter(head, number);
  const auto colon = one ? one->find(": ") : std::string::npos;
  if (colon == std::string::npos || one->contains("…")) return std::nullopt;
  const std::string type = one->substr(colon + 2);
  if (type == "char") return fmt::format("{}: string", one->substr(0, colon));
  return fmt::format("{}: list<{}{}{}>", one->substr(0, colon), type, length.empty() ? "" : ", ",
                     length);
}

/// One parameter; empty for `self`, nothing when it is not understood.
std::optional<std::string> parameter(std::string_view text, std::size_t number) {
  constexpr std::string_view modifiers =
      " in out inout mut ref final var let val pub public private readonly ";
  text = trimmed(text.substr(0, text.find('=')));
  take_words(text, modifiers);
  if (text == "self" || text == "&self" || text == "&mut self" || text == "this" ||
      text.starts_with("&'") || text == "void" || text == "*this")
    return std::string();
  if (const auto array = array_of_c(text))
    return array_parameter(array->first, array->second, number);
  bool rest = false;
  std::string joined;
  // `xs ...int` of Go.
  if (const auto dots = text.find(" ..."); dots != std::string_view::npos) {
    joined = fmt::format("{} {}", text.substr(0, dots), trimmed(text.substr(dots + 4)));
    text = joined;
    rest = true;
  }
  while (text.starts_with('.') || text.starts_with('*')) {
    text.remove_prefix(1);
    rest = true;
  }
  std::string_view name;
  std::string_view type;
  bool optional = false;
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && !text.substr(colon).starts_with("::")) {
    name = trimmed(text.substr(0, colon));
    type = trimmed(text.substr(colon + 1));
    if (name == "self" || name == "this") return std::string();
    optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    name = trimmed(name);
    // `to b: Int` and `_ a: Int` of Swift: the second is the name inside.
    if (const auto blank = name.find(' '); blank != std::string_view::npos) {
      const std::string_view label = name.substr(0, blank);
      if (!std::ranges::all_of(label, is_word)) return std::nullopt;
      name = trimmed(name.substr(blank));
    }
  } else if (const auto go = type_of_go(text); go != std::string_view::npos) {
    name = text.substr(0, go);
    type = trimmed(text.substr(go));
  } else {
    const auto [before, word] = last_word(text);
    const auto blank = text.find(' ');
    const std::string_view first = text.substr(0, blank);
    if (before.empty() || word.empty() || word == "const") {
      type = is_known_type(text) ? text : std::string_view();
      name = type.empty() ? text : std::string_view();
    } else if (before == first && is_known_type(word) && !is_known_type(before)) {
      name = before;
      type = word;
    } else {
      name = word;
      type = before;
    }
  }
  const std::string own =
      name.empty() ? std::string(1, static_cast<char>('a' + number % 26)) : as_name(trimmed(name));
  const auto mend = type.empty() ? std::optional<std::string>("…") : type_or_unit(type);
  if (own.empty() || !mend || *mend == unit) return std::nullopt;
  if (rest && !mend->starts_with("list<")) return fmt::format("{}: list<{}>", own, *mend);
  return fmt::format("{}: {}", own, optional ? fmt::format("option<{}>", *mend) : *mend);
}

/// What `(int, error)` of Go gives: its error is the one of a result. Nothing of other texts.
std::optional<std::string> result_of_go(std::string_view tail) {
  const bool list = tail.starts_with('(') && tail.ends_with(')');
  auto parts = parts_of(list ? tail.substr(1, tail.size() - 2) : tail);
  if (parts.empty()) return std::nullopt;
  const auto [name, last] = last_word(parts.back());
  if (last != "error" || (!list && !name.empty()) || !last_word(name).first.empty())
    return std::nullopt;
  std::string ok;
  parts.pop_back();
  for (std::string_view part : parts) {
    // `(n int, err error)`
    const auto blank = part.find(' ');
    if (!name.empty() && blank != std::string_view::npos) part = trimmed(part.substr(blank));
    const auto type = type_or_unit(part);
    if (!type || *type == unit) return std::nullopt;
    ok += (ok.empty() ? "" : ", ") + without_lent(*type);
  }
  if (parts.size() > 1) ok = fmt::format("tuple<{}>", ok);
  return fmt::format(" -> result<{}, string>", ok.empty() ? "_" : ok);
}

/// ` -> t` for what stands behind the parameters, or for the type before the name.
std::optional<std::string> result_text(std::string_view tail, std::string_view before) {
  for (const std::string_view sign : {"->", "=>", ":"}) {
    if (!tail.starts_with(sign)) continue;
    tail = trimmed(tail.substr(sign.size()));
    break;
  }
  take_words(tail, " const noexcept override final returns ");
  for (const std::string_view end : {"{", "= 0", "=0", "override", "noexcept"}) {
    if (const auto at = tail.find(end); at != std::string_view::npos)
      tail = trimmed(tail.substr(0, at));
  }
  if (tail == "const") tail = {};
  std::string error;
  for (const std::string_view word : {"throws", "raises", "throw"}) {
    const auto at = tail.find(word);
    if (at == std::string_view::npos) continue;
    const auto type = type_or_unit(trimmed(tail.substr(at + word.size())));
    error = type && *type != unit ? *type : "string";
    tail = trimmed(tail.substr(0, at));
  }
  if (tail.empty()) tail = before;
  for (const std::string_view end : {"...", "=>"}) {
    if (tail.ends_with(end)) tail = trimmed(tail.substr(0, tail.size() - end.size()));
  }
  while (tail.ends_with(':') || tail.ends_with(','))
    tail = trimmed(tail.substr(0, tail.size() - 1));
  std::string type(unit);
  if (!tail.empty()) {
    const auto parts = parts_of(tail);
    const auto one = type_or_unit(parts.size() > 1 ? fmt::format("({})", tail) : std::string(tail));
    if (!one) return std::nullopt;
    type = without_lent(*one);  // a result gives what it has
  }
  if (!error.empty())
    return fmt::format(" -> result<{}, {}>", type == unit ? std::string_view("_") : type, error);
  return type == unit ? std::string() : fmt::format(" -> {}", type);
}

/// `f<T>` and `<T> T f`: what stands before the parameters of a function that takes types.
bool takes_types(std::string_view left) {
  if (left.starts_with('<')) return true;
  if (!left.ends_with('>')) return false;
  const auto open = left.find('<');
  // A lifetime of Rust is no type.
  return open != std::string_view::npos && open > 0 && is_word(left[open - 1]);
}

/// Takes off the words that stand before a function.
std::vector<std::string_view> words_before(std::string_view& text) {
  constexpr std::string_view modifiers =
      " pub public private protected export extern virtual inline override abstract final unsafe "
      "function fn func fun def sub proc procedure rpc method async static constexpr explicit "
      "friend external native internal suspend open declare event signal slot default operator ";
  // `pub(crate) fn f()`, `const f = (…)`.
  if (text.starts_with("pub("))
    text = trimmed(text.substr(std::min(text.find(')'), text.size() - 1) + 1));
  for (const std::string_view word : {"const ", "let "}) {
    const auto equals = text.find('=');
    if (!text.starts_with(word) || equals > text.find('(')) continue;
    if (last_word(trimmed(text.substr(0, equals))).first == trimmed(word))
      text = trimmed(text.substr(word.size()));
  }
  return take_words(text, modifiers);
}

/// The parameter at a place. `a, b string` of Go: the type of `a` is the next one's. `Get(Req)` of
/// protobuf: a word alone is a type.
std::optional<std::string> shared_type(const std::vector<std::string_view>& parts, std::size_t i,
                                       bool go, const std::vector<std::string_view>& words) {
  const bool alone = std::ranges::all_of(parts[i], is_word);
  if (parts.size() == 1 && std::ranges::find(words, "rpc") != words.end()) {
    constexpr std::string_view stream = "stream ";
    const bool streams = parts[i].starts_with(stream);
    const std::string_view type = streams ? trimmed(parts[i].substr(stream.size())) : parts[i];
    const std::string name = as_name(type);
    if (!name.empty() && (alone || streams))
      return fmt::format(fmt::runtime(streams ? "{0}: stream<{0}>" : "{0}: {0}"), name);
  }
  if (go && alone) {
    for (std::size_t next = i + 1; next < parts.size(); ++next) {
      const auto blank = parts[next].find(' ');
      if (blank != std::string_view::npos && !parts[next].contains(':'))
        return parameter(fmt::format("{}{}", parts[i], parts[next].substr(blank)), i);
    }
  }
  return parameter(parts[i], i);
}

/// Where the bracket that opens at a place is closed.
std::size_t closing(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view meant_word(std::string_view word) {
  const std::string_view mend = prim_of(word);
  return mend == unit || mend == word ? std::string_view() : mend;
}

std::string_view absent_type(std::string_view word) {
  static constexpr Row rows[] = {
      {" any unknown mixed variant ",
       "there is no type of any value: write a `variant` of those that are meant, or a "
       "`string` of JSON"},
      {" object ", "there is no type of any object: write a `record`, or a `resource`"},
      {" dynamic ", "there is no type of any value: write a `variant` of those that are meant"},
      {" json ", "there is no type of JSON: pass it as a `string`"},
      {" null nil none undefined ", "what may be absent is an `option<…>`"},
      {" never noreturn ", "every function may return: leave the result out"},
      {" i128 u128 int128 uint128 bignum biginteger ",
       "the widest integers are `s64` and `u64`: pass two of them"},
      {" u24 i24 i1 bit ", "integers are `u8`, `u16`, `u32` and `u64`: write the next wider one"},
      {" f16 f128 half bfloat16 bf16 f80 ", "floats are `f32` and `f64`: write `f32` or `f64`"},
      {" date datetime timestamp time instant systemtime ",
       "there is no type of times: write `u64`, with nanoseconds since 1970"},
      {" duration timedelta timespan interval ",
       "there is no type of durations: write `u64`, with nanoseconds"},
      {" uuid guid ", "there is no type of UUIDs: write `tuple<u64, u64>`, or a `string`"},
      {" decimal money currency ",
       "there are no decimal numbers: write a `string`, or `s64` of the "
       "smallest unit"},
      {" url uri symbol regex regexp ", "there is none of its own: write `string`"},
      {" error exception throwable ",
       "there is no type of errors: write `string`, or a `variant` of your own"},
      {" function callback closure delegate action lambda fn fnmut fnonce callable ",
       "functions are not values: pass a resource with a method, or export a function that is "
       "called "
       "back"},
      {" union ",
       "one of several types is a `variant`: write `variant my-variant { … }` before, and "
       "`my-variant` here"},
      {" this self ",
       "a method has its resource without saying so: leave it out; elsewhere write "
       "the resource's name"},
      {" list vec vector array set span slice iterable ",
       "WIT calls it `list` and says of what: `list<u8>`"},
      {" option optional maybe ", "WIT calls it `option` and says of what: `option<u8>`"},
      {" map dict hashmap dictionary ", "WIT calls it `map` and says of what: `map<string, u8>`"},
      {" tuple pair ", "WIT calls it `tuple` and says of what: `tuple<u8, u8>`"},
      {" promise ", "WIT calls it `future`"},
      {" iterator observable channel ", "WIT calls it `stream`"},
  };
  const Row* row = find_row(rows, word);
  return row == nullptr ? std::string_view() : row->mend;
}

std::string wit_name(std::string_view word) {
  return as_name(word);
}

std::optional<std::string> wit_type(std::string_view text) {
  auto out = type_or_unit(trimmed(text));
  if (!out || *out == unit) return std::nullopt;
  return without_lent(*std::move(out));
}

std::optional<std::string> meant_type(std::string_view text) {
  text = trimmed(text);
  auto out = type_or_unit(text);
  if (!out || *out == unit || (*out == text && !text.starts_with(lent_sign))) return std::nullopt;
  return out;
}

std::string_view absent_function(std::string_view text) {
  text = trimmed(text);
  if (text.size() > max_text) return {};
  const auto words = words_before(text);
  const auto open = text.find('(');
  const std::size_t close = open == std::string_view::npos ? open : closing(text, open);
  if (close == std::string_view::npos) return {};
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  constexpr std::string_view calls[] = {") ->",    ")->",       ") =>",      "(*",       "fn(",
                                        "Fn(",     "FnMut(",    "FnOnce(",   "func(",    "Func<",
                                        "Action<", "Callable[", "function<", "Function<"};
  if (std::ranges::any_of(calls, [&](std::string_view call) { return inside.contains(call); }))
    return absent_type("function");
  const bool known = !words.empty() || (text.size() > 1 && text[0] == '<' && is_letter(text[1]));
  if (known && takes_types(trimmed(text.substr(0, open))))
    return "functions take no types: write one for each type";
  return {};
}

std::optional<std::string> meant_function(std::string_view text) {
  text = trimmed(text);
  if (text.size() > max_text) return std::nullopt;
  auto words = words_before(text);
  const auto open = text.find('(');
  const std::size_t close = open == std::string_view::npos ? open : closing(text, open);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view left = trimmed(text.substr(0, open));
  if (takes_types(left)) return std::nullopt;
  // `f: async (…)`, `f = (…)`, `f :: func(…)`.
  const auto sign = left.find_first_of(":=");
  const bool named = sign != std::string_view::npos &&
                     (!left.substr(sign).starts_with("::") || (sign > 0 && left[sign - 1] == ' '));
  if (named) {
    const std::string_view behind =
        left.substr(std::min(left.find_first_not_of(":= ", sign), left.size()));
    if (behind.contains('<')) return std::nullopt;
    if (!behind.empty()) words.push_back(behind);
    left = trimmed(left.substr(0, sign));
  }
  auto [before, name] = last_word(left);
  // `f func(…)`.
  if (name == "func" && !named) std::tie(before, name) = last_word(before);
  if (named) before = {};
  const std::string own = as_name(name);
  if (own.empty() || name.ends_with('-')) return std::nullopt;
  std::string params;
  const bool go = std::ranges::find(words, "func") != words.end();
  const auto parts = parts_of(text.substr(open + 1, close - open - 1));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto one = shared_type(parts, i, go, words);
    if (!one) return std::nullopt;
    if (!one->empty()) params += (params.empty() ? "" : ", ") + *one;
  }
  std::string_view tail = trimmed(text.substr(close + 1));
  auto result = before.empty() ? result_of_go(tail) : std::nullopt;
  if (!result) {
    // `async throws -> T` of Swift.
    const auto effects = tail.contains("->") ? take_words(tail, " async throws rethrows ")
                                             : std::vector<std::string_view>();
    result = result_text(tail, before);
    if (!result) return std::nullopt;
    if (std::ranges::find(effects, "async") != effects.end()) words.emplace_back("async");
    if (std::ranges::find(effects, "throws") != effects.end())
      result = fmt::format(" -> result<{}, string>", result->empty() ? "_" : result->substr(4));
  }
  const auto has = [&](std::string_view word) {
    return std::ranges::any_of(words, [&](std::string_view w) { return w.starts_with(word); });
  };
  const bool is_static = has("static");
  const bool is_async = has("async") || has("static async");
  return fmt::format("{}: {}{}func({}){};", own, is_static ? "static " : "",
                     is_async ? "async " : "", params, *result);
}

std::optional<std::string> meant_field(std::string_view text) {
  // A tag of Go, the accessors of a property in C#.
  text = trimmed(text.substr(0, text.find('`')));
  if (const auto brace = text.find('{'); brace != std::string_view::npos) {
    const std::string_view inside = trimmed(text.substr(brace + 1));
    if (!inside.starts_with("get")) return std::nullopt;
    text = trimmed(text.substr(0, brace));
  }
  const auto equals = text.find('=');
  const bool typed = text.substr(0, equals).contains(':') || text.find(' ') < equals;
  std::string plain(text);
  if (equals != std::string_view::npos && text.find(':') == std::string_view::npos) {
    // `x = u32`, and `string name = 1` of protobuf
    if (trimmed(text.substr(0, equals)).contains(' '))
      plain.resize(equals);
    else
      plain[equals] = ':';
  } else if (!typed) {
    return std::nullopt;
  }
  std::string_view rest = plain;
  const auto words = take_words(
      rest, " required optional private protected internal static mutable volatile repeated ");
  auto out = parameter(rest, 0);
  if (out) out = without_lent(*std::move(out));
  if (!out || out->empty() || out->contains("…")) return std::nullopt;
  const auto colon = out->find(": ") + 2;
  const bool is_optional = std::ranges::find(words, "optional") != words.end();
  const bool is_list = std::ranges::find(words, "repeated") != words.end();
  if (is_optional || is_list)
    return fmt::format("{}{}<{}>", out->substr(0, colon), is_list ? "list" : "option",
                       out->substr(colon));
  return out;
}

std::optional<std::string> meant_package(std::string_view text) {
  std::string version;
  const auto version_at = [&](std::string_view sign) {
    const auto at = text.find(sign);
    if (at == std::string_view::npos) return;
    std::string_view rest = text.substr(at + sign.size());
    const auto begin = std::min(rest.find_first_of("0123456789"), rest.size());
    rest = rest.substr(begin);
    version = rest.substr(0, rest.find_first_not_of("0123456789.-+abcdefghijklmnopqrstuvwxyz"));
    text = text.substr(0, at);
  };
  version_at("@");
  version_at(" version ");
  version_at(" v");
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (!word.empty() && is_digit(word[0])) {
      version = trimmed(text.substr(at));
      break;
    }
    if (!word.empty()) parts.push_back(to_kebab(word));
    if (word.empty() && !std::string_view(".:/\"' =").contains(text[at])) return std::nullopt;
    at = std::max(end, at + (word.empty() ? 1 : 0));
  }
  if (parts.size() < 2) return std::nullopt;
  std::string ns;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) ns += (ns.empty() ? "" : "-") + parts[i];
  for (char& c : ns) c = to_lower(c);
  while (version.ends_with('.')) version.pop_back();
  for (auto dots = std::ranges::count(version, '.'); !version.empty() && dots < 2; ++dots)
    version += ".0";
  return fmt::format("package {}:{}{}{};", ns, parts.back(), version.empty() ? "" : "@", version);
}

}  // namespace tenon::wit
