// SPDX-License-Identifier: Apache-2.0
// The generators write every name in full, because what a WIT declares may be called `std`, as the
// world, or as a type that a parameter beside it hides. Whether the short form means the same can
// be judged once all names of the header are known, so this reads the finished text: it looks for
// everything that is declared, and shortens what nothing hides. What it does not understand stays
// in full.
#include "tenon/bindgen/relative_names.h"

#include <algorithm>
#include <cstdint>
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

/// A word, `::`, or one other character.
struct Token {
  std::string_view text;
  std::size_t at = 0;
  /// The block that it stands in, and how many braces are open within that block.
  std::uint32_t block = 0;
  std::uint32_t depth = 0;

  [[nodiscard]] bool is(std::string_view other) const { return text == other; }
  [[nodiscard]] bool is_name() const { return is_word(text[0]); }
};

/// `namespace a::b { … }` at the outermost level, or (the first) what is outside of all.
struct Block {
  std::string_view path;
  /// Names that something within the block hides.
  std::unordered_set<std::string_view> hidden;
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

class Shortener {
 public:
  explicit Shortener(std::string_view text) : text_(text) {}

  std::string run() {
    read();
    for (std::size_t i = 0; i < tokens_.size(); ++i) note(i);
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (const auto end = superfluous(i)) cuts_.push_back({tokens_[i].at, *end});
    }
    std::ranges::sort(cuts_, {}, &Cut::begin);
    std::string out;
    out.reserve(text_.size());
    std::size_t copied = 0;
    for (const auto& cut : cuts_) {
      out += text_.substr(copied, cut.begin - copied);
      copied = cut.end;
    }
    return out += text_.substr(copied);
  }

 private:
  struct Cut {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

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

  /// The line to write that a static assertion shows: its reader copies it to a place of its own.
  void shorten_message(std::size_t at, std::size_t end) {
    const auto message = text_.substr(0, end);
    if (text_[at] != '"' || message.substr(at).find("write `") == std::string_view::npos) return;
    for (at = message.find("::", at); at != std::string_view::npos;
         at = message.find("::", at + 2)) {
      if (begins_name(at)) cuts_.push_back({at, at + 2});
    }
  }

  void read() {
    blocks_.emplace_back();
    std::uint32_t block = 0;
    std::uint32_t depth = 0;
    for (std::size_t at = 0; at < text_.size();) {
      if (is_blank(text_[at])) {
        ++at;
        continue;
      }
      if (const auto end = skip(at); end != at) {
        shorten_message(at, end);
        at = end;
        continue;
      }
      auto end = at + 1;
      if (is_word(text_[at])) {
        while (end < text_.size() && is_word(text_[end])) ++end;
      } else if (text_.substr(at).starts_with("::")) {
        end = at + 2;
      }
      const auto word = text_.substr(at, end - at);
      if (word == "{") {
        const auto path = depth == 0 && block == 0 ? path_before() : std::string_view();
        if (!path.empty()) {
          block = static_cast<std::uint32_t>(blocks_.size());
          blocks_.push_back({path, {}});
        } else {
          ++depth;
        }
      } else if (word == "}") {
        depth == 0 ? block = 0 : --depth;
      }
      tokens_.push_back({word, at, block, depth});
      at = end;
    }
  }

  /// `a::b` where `namespace a::b` was read last; its names are then of that namespace.
  [[nodiscard]] std::string_view path_before() const {
    auto i = tokens_.size();
    while (i > 0 && (tokens_[i - 1].is("::") || tokens_[i - 1].is_name()) &&
           !tokens_[i - 1].is("namespace"))
      --i;
    if (i == 0 || i == tokens_.size() || !tokens_[i - 1].is("namespace")) return {};
    const auto& last = tokens_.back();
    return text_.substr(tokens_[i].at, last.at + last.text.size() - tokens_[i].at);
  }

  [[nodiscard]] std::string_view token(std::size_t i) const {
    return i < tokens_.size() ? tokens_[i].text : std::string_view();
  }
  /// Of `::`: whether nothing before it could be a part of the name.
  [[nodiscard]] bool begins_name(std::size_t at) const {
    const char before = at == 0 ? ' ' : text_[at - 1];
    return !is_word(before) && before != '>';
  }
  [[nodiscard]] bool is_leading(std::size_t i) const {
    return tokens_[i].is("::") && begins_name(tokens_[i].at);
  }

  /// Takes note of what the name at `i` declares.
  void note(std::size_t i) {
    const Token& name = tokens_[i];
    if (!name.is_name()) return;
    const auto before = i > 0 ? tokens_[i - 1].text : std::string_view();
    if (before == "::") {
      // A part of a longer name: of a namespace that is opened, or of what is named there.
      if (!is_leading(i - 1)) nested_.insert(name.text);
      return;
    }
    if (token(i + 1) == "::") return;
    if (before == "namespace" && name.block == 0 && name.depth == 0) return;
    nested_.insert(name.text);
    if (declares_type(before)) {
      const auto around = i > 1 ? tokens_[i - 2].text : std::string_view();
      const bool parameter = around == "<" || around == ",";
      if (name.block != 0 && name.depth == 0 && !parameter) {
        types_[blocks_[name.block].path].insert(name.text);
      } else {
        blocks_[name.block].hidden.insert(name.text);
      }
      return;
    }
    // `T name`, `auto [name, other]`, `pack... name`.
    const bool may_declare = before.size() == 1 && std::string_view(">&*.[,").contains(before[0]);
    const bool follows_type = !before.empty() && is_word(before[0]) && !precedes_use(before);
    if (may_declare || follows_type) blocks_[name.block].hidden.insert(name.text);
  }

  /// The end of what can be left out of the name that begins at `i`.
  [[nodiscard]] std::optional<std::size_t> superfluous(std::size_t i) const {
    if (!is_leading(i) || i + 1 >= tokens_.size()) return std::nullopt;
    const Token& root = tokens_[i + 1];
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

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<Block> blocks_;
  std::vector<Cut> cuts_;
  /// Every name but those at the root of a qualified one.
  std::unordered_set<std::string_view> nested_;
  /// Types and namespaces that are declared in a namespace, by its path.
  std::unordered_map<std::string_view, std::unordered_set<std::string_view>> types_;
};

}  // namespace

std::string with_relative_names(std::string_view header) {
  return Shortener(header).run();
}

}  // namespace tenon::bindgen
