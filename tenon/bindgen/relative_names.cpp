// SPDX-License-Identifier: Apache-2.0
// The generators write every name in full, because what a WIT declares may be called `std`, as the
// world, or as a type that a parameter beside it hides. Whether the short form means the same can
// be judged once all names of the header are known, so this reads the finished text: it looks for
// everything that is declared, and shortens what nothing hides. What it does not understand stays
// in full.
#include "tenon/bindgen/relative_names.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tenon/base/ascii.h"

namespace tenon::bindgen {

namespace {

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}
bool is_blank(char c) {
  return c == ' ' || c == '\n';
}

/// A word, `::`, or one other character; empty at the end.
struct Token {
  std::string_view text;
  std::size_t at = 0;
  /// The number of the block that it stands in, and how many braces are open within that block.
  std::uint32_t block = 0;
  std::uint32_t depth = 0;

  [[nodiscard]] bool is(std::string_view other) const { return text == other; }
  [[nodiscard]] bool is_name() const { return !text.empty() && is_word(text[0]); }
};

/// Names, by a hash of 64 bits: the text that they come from is shortened in place, and a world can
/// have millions. Two that are taken for one keep a name in full.
class Names {
 public:
  void insert(std::string_view name) { hashes_.insert(std::hash<std::string_view>()(name)); }
  [[nodiscard]] bool contains(std::string_view name) const {
    return hashes_.contains(std::hash<std::string_view>()(name));
  }

 private:
  std::unordered_set<std::size_t> hashes_;
};

/// `namespace a::b { … }` at the outermost level, or (the first) what is outside of all.
struct Block {
  std::string path;
  /// Names that something within the block hides.
  Names hidden;
};

/// Words that may stand before a name without declaring it.
bool precedes_use(std::string_view word) {
  static const std::unordered_set<std::string_view> words = {
      "const",  "constexpr", "explicit", "static",   "inline", "return", "virtual",
      "friend", "public",    "typename", "operator", "new",    "sizeof", "else"};
  return words.contains(word);
}

/// Names that a generated class may inherit from `std`: they hide a type of the same name in it.
bool is_inherited(std::string_view name) {
  static const std::unordered_set<std::string_view> names = {
      "shared_from_this",      "weak_from_this", "index", "emplace", "swap", "visit",
      "valueless_by_exception"};
  return names.contains(name);
}

bool declares_type(std::string_view word) {
  return word == "class" || word == "struct" || word == "using" || word == "namespace";
}

/// Reads the tokens of a header one by one: headers of large worlds are too large to keep them.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Told of each literal that is passed over.
  template <class Literal>
  Token next(Literal literal) {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_])) {
        ++at_;
        continue;
      }
      const auto end = skip(at_);
      if (end == at_) return take();
      if (text_[at_] == '"') literal(at_, end);
      at_ = end;
    }
    return {{}, text_.size(), block_, depth_};
  }

  /// What the blocks that were begun open, by their number; the first is outside of all.
  [[nodiscard]] const std::vector<std::string_view>& paths() const { return paths_; }

 private:
  /// What begins at `at` and is no code, to its end; `at` when there is nothing of the kind.
  [[nodiscard]] std::size_t skip(std::size_t at) const {
    const auto upto = [&](std::string_view end, std::size_t from) {
      const auto found = text_.find(end, from);
      return found == std::string_view::npos ? text_.size() : found + end.size();
    };
    const auto rest = text_.substr(at);
    if (rest.starts_with("//")) return upto("\n", at);
    if (rest.starts_with("/*")) return upto("*/", at + 2);
    if (rest.starts_with('#')) {
      auto end = upto("\n", at);
      while (end < text_.size() && text_.substr(at, end - at).ends_with("\\\n"))
        end = upto("\n", end);
      return end;
    }
    if (rest[0] != '"' && rest[0] != '\'') return at;
    auto end = at + 1;
    while (end < text_.size() && text_[end] != rest[0]) end += text_[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text_.size());
  }

  Token take() {
    auto end = at_ + 1;
    if (is_word(text_[at_])) {
      while (end < text_.size() && is_word(text_[end])) ++end;
    } else if (text_.substr(at_).starts_with("::")) {
      end = at_ + 2;
    }
    const auto word = text_.substr(at_, end - at_);
    if (word == "{") {
      open();
    } else if (word == "}") {
      depth_ == 0 ? block_ = 0 : --depth_;
    }
    if (word == "namespace") {
      path_begin_ = path_end_ = end;
    } else if (path_begin_ != none && (is_word(word[0]) || word == "::")) {
      if (path_begin_ == path_end_) path_begin_ = at_;
      path_end_ = end;
    } else {
      path_begin_ = path_end_ = none;
    }
    const Token out{word, at_, block_, depth_};
    at_ = end;
    return out;
  }

  void open() {
    if (depth_ != 0 || block_ != 0 || path_begin_ == none || path_begin_ == path_end_) {
      ++depth_;
      return;
    }
    block_ = static_cast<std::uint32_t>(paths_.size());
    paths_.push_back(text_.substr(path_begin_, path_end_ - path_begin_));
  }

  static constexpr std::size_t none = std::string_view::npos;

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t block_ = 0;
  std::uint32_t depth_ = 0;
  std::vector<std::string_view> paths_ = {{}};
  /// The name behind the `namespace` that was read last; `none` when something else followed.
  std::size_t path_begin_ = none;
  std::size_t path_end_ = none;
};

class Shortener {
 public:
  explicit Shortener(std::string& text) : buffer_(text), text_(text) {}

  void run() {
    find_declarations();
    Scanner scanner(text_);
    const auto literal = [this](std::size_t begin, std::size_t end) {
      shorten_message(begin, end);
    };
    Token before;
    for (Token token = scanner.next(literal); !token.text.empty();
         before = token, token = scanner.next(literal)) {
      if (!before.is("::") || !begins_name(before.at) || !token.is_name()) continue;
      if (const auto end = superfluous(token)) cut(before.at, *end);
    }
    cut(text_.size(), text_.size());
    buffer_.resize(written_);
  }

 private:
  void find_declarations() {
    Scanner scanner(text_);
    const auto ignore = [](std::size_t, std::size_t) {};
    Token around;
    Token before;
    Token token = scanner.next(ignore);
    while (!token.text.empty()) {
      const Token after = scanner.next(ignore);
      const auto& paths = scanner.paths();
      while (blocks_.size() < paths.size())
        blocks_.push_back({std::string(paths[blocks_.size()]), {}});
      if (token.is_name()) note(around.text, before, token, after.text);
      around = before;
      before = token;
      token = after;
    }
  }

  /// Takes note of what a name declares.
  void note(std::string_view around, const Token& before, const Token& name,
            std::string_view after) {
    if (before.is("::")) {
      // A part of a longer name: of a namespace that is opened, or of what is named there.
      if (!begins_name(before.at)) nested_.insert(name.text);
      return;
    }
    if (after == "::") return;
    if (before.is("namespace") && name.block == 0 && name.depth == 0) return;
    nested_.insert(name.text);
    auto& hidden = blocks_[name.block].hidden;
    if (declares_type(before.text)) {
      const bool parameter = around == "<" || around == ",";
      const bool own = name.block != 0 && name.depth == 0 && !parameter;
      (own ? types_[blocks_[name.block].path] : hidden).insert(name.text);
      return;
    }
    // `T name`, `auto [name, other]`, `pack... name`.
    const bool may_declare =
        before.text.size() == 1 && std::string_view(">&*.[,").contains(before.text[0]);
    if (may_declare || (before.is_name() && !precedes_use(before.text))) hidden.insert(name.text);
  }

  /// Of `::`: whether nothing before it could be a part of the name.
  [[nodiscard]] bool begins_name(std::size_t at) const {
    const char before = at == 0 ? ' ' : text_[at - 1];
    return !is_word(before) && before != '>';
  }

  /// The end of what can be left out of a name in full, whose first word is `root`.
  [[nodiscard]] std::optional<std::size_t> superfluous(const Token& root) const {
    const Block& block = blocks_[root.block];
    const auto full = text_.substr(root.at);
    if (!block.path.empty() && full.starts_with(block.path) &&
        full.substr(block.path.size()).starts_with("::")) {
      const auto at = root.at + block.path.size() + 2;
      auto end = at;
      while (end < text_.size() && is_word(text_[end])) ++end;
      const auto name = text_.substr(at, end - at);
      const auto types = types_.find(block.path);
      if (types != types_.end() && types->second.contains(name) && !block.hidden.contains(name) &&
          !is_inherited(name))
        return at;
    }
    // Specializations of tenon's own templates: names of their namespace are found before those of
    // the world, whether they stand in it or behind `tenon::…`.
    const bool is_ours = block.path.empty() || block.path.starts_with("tenon");
    if (is_ours && root.text != "std" && root.text != "tenon") return std::nullopt;
    if (nested_.contains(root.text)) return std::nullopt;
    return root.at;
  }

  /// Leaves out what is between. The text is never longer than what was read of it, so that it
  /// moves down in place.
  void cut(std::size_t begin, std::size_t end) {
    if (written_ != copied_)
      std::memmove(buffer_.data() + written_, buffer_.data() + copied_, begin - copied_);
    written_ += begin - copied_;
    copied_ = end;
  }

  /// The line to write that a static assertion shows: its reader copies it to a place of its own.
  void shorten_message(std::size_t begin, std::size_t end) {
    const auto upto = text_.substr(0, end);
    if (upto.substr(begin).find("write `") == std::string_view::npos) return;
    for (auto at = upto.find("::", begin); at != std::string_view::npos;
         at = upto.find("::", at + 2)) {
      if (begins_name(at)) cut(at, at + 2);
    }
  }

  std::string& buffer_;
  std::string_view text_;
  /// The length of the shorter text, and how far it has what is needed of the longer one.
  std::size_t written_ = 0;
  std::size_t copied_ = 0;
  std::vector<Block> blocks_;
  /// Every name but those at the root of a qualified one.
  Names nested_;
  /// Types and namespaces that are declared in a namespace, by its path.
  std::unordered_map<std::string, Names> types_;
};

}  // namespace

std::string with_relative_names(std::string header) {
  Shortener(header).run();
  return header;
}

}  // namespace tenon::bindgen
