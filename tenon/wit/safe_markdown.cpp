// SPDX-License-Identifier: Apache-2.0
// Renderers of Markdown differ, so nothing here depends on how one of them reads the docs: no `<`
// of theirs is ever written but for a plain autolink, and a target that is not allowed is cut off
// from its brackets wherever it is, in code too. What is told apart by this file's own reading
// (code spans, fences) decides only whether a `<` looks right to a reader.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/base/ascii.h"
#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"
#include "tenon/wit/markdown.h"

namespace tenon::wit {
namespace {

/// Beyond so many bytes a target is not looked for: what is not decided then, is not allowed.
constexpr std::size_t longest_target = 2048;

bool is_punctuation(char c) {
  return c > 0x20 && c < 0x7F && !is_letter(c) && !is_digit(c);
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `&#106;`, `&#x6a;`, `&colon;` at the beginning of `text`: what it stands for and how long it is.
struct Entity {
  char32_t value = 0;
  std::size_t size = 0;
};
Entity entity_at(std::string_view text) {
  if (!text.starts_with('&')) return {};
  for (const auto& [name, value] : {std::pair<std::string_view, char32_t>("&colon;", ':'),
                                    {"&tab;", '\t'},
                                    {"&newline;", '\n'}}) {
    if (std::ranges::equal(text.substr(0, name.size()), name, {}, lower))
      return {value, name.size()};
  }
  if (!text.starts_with("&#")) return {};
  const bool hex = text.size() > 2 && lower(text[2]) == 'x';
  std::size_t at = hex ? 3 : 2;
  const std::size_t first = at;
  char32_t value = 0;
  for (; at < text.size(); ++at) {
    const char c = lower(text[at]);
    const bool fits = is_digit(c) || (hex && c >= 'a' && c <= 'f');
    if (!fits) break;
    value = std::min<char32_t>(
        value * (hex ? 16 : 10) + static_cast<char32_t>(is_digit(c) ? c - '0' : c - 'a' + 10),
        0x110000);
  }
  if (at == first) return {};
  if (at < text.size() && text[at] == ';') ++at;
  return {value, at};
}

/// The target without what Markdown, HTML and browsers take away before they look at its scheme, up
/// to what ends a scheme.
std::string bare_scheme(std::string_view target) {
  std::string out;
  for (std::size_t at = 0; at < target.size();) {
    char32_t c = 0;
    if (const Entity entity = entity_at(target.substr(at)); entity.size != 0) {
      c = entity.value;
      at += entity.size;
    } else if (target[at] == '\\' && at + 1 < target.size() && is_punctuation(target[at + 1])) {
      c = static_cast<unsigned char>(target[at + 1]);
      at += 2;
    } else {
      c = next_scalar(target, at);
    }
    if (c <= 0x20 || c == 0xA0 || c == '<' || c == '>' || is_unseen(c)) continue;
    if (c < 0x80)
      out += lower(static_cast<char>(c));
    else
      out += '~';  // no scheme has it
    if (c == ':' || c == '/' || c == '?' || c == '#' || c == '&') break;
  }
  return out;
}

/// `<https://…>` and its like whole, of plain characters; empty for anything else.
std::string_view autolink_at(std::string_view text) {
  const auto end = text.substr(0, longest_target).find('>');
  if (end == std::string_view::npos) return {};
  const std::string_view inside = text.substr(1, end - 1);
  const bool scheme = inside.starts_with("https://") || inside.starts_with("http://") ||
                      inside.starts_with("mailto:");
  const bool plain = std::ranges::all_of(inside, [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("-._~:/?#@!$+,;=%").find(c) != std::string_view::npos;
  });
  return scheme && plain ? text.substr(0, end + 1) : std::string_view();
}

/// Text inside our own `<code>`: no character of it means anything to Markdown.
void append_code(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_punctuation(c) &&
        std::string_view("<>&`*_[]()~\\|!:\"'").find(c) != std::string_view::npos)
      out += fmt::format("&#{};", static_cast<int>(c));
    else
      out += c;
  }
}

class Writer {
 public:
  /// `text` has line feeds as its only line ends.
  explicit Writer(std::string_view text) : text_(text) {}

  /// Headings get `level` marks more, and six at most.
  std::string blocks(int level) {
    while (at_ < text_.size()) {
      const std::string_view line = line_at(at_);
      if (const std::string_view mark = fence_of(line); !mark.empty()) {
        fence(mark);
        continue;
      }
      if (const auto marks = line.find_first_not_of('#');
          marks >= 1 && marks <= 6 && line.substr(marks).starts_with(' '))
        out_.append(std::min(static_cast<std::size_t>(level), 6 - marks), '#');
      inline_line(line);
    }
    return std::move(out_);
  }
  std::string line() {
    inline_line(text_);
    return std::move(out_);
  }

 private:
  /// The line that begins at `at`, with its line feed.
  [[nodiscard]] std::string_view line_at(std::size_t at) const {
    const auto end = text_.find('\n', at);
    return text_.substr(at, end == std::string_view::npos ? end : end + 1 - at);
  }

  /// The marks that open fenced code, or nothing.
  static std::string_view fence_of(std::string_view line) {
    const auto begin = std::min(line.find_first_not_of(' '), line.size());
    if (begin > 3) return {};
    line.remove_prefix(begin);
    const char mark = line.empty() ? '\0' : line[0];
    if (mark != '`' && mark != '~') return {};
    const auto count = std::min(line.find_first_not_of(mark), line.size());
    if (count < 3 || (mark == '`' && line.substr(count).contains('`'))) return {};
    return line.substr(0, count);
  }
  static bool closes(std::string_view line, std::string_view mark) {
    const std::string_view own = fence_of(line);
    const auto rest = own.empty() ? std::string_view() : line.substr(line.find(own) + own.size());
    return own.starts_with(mark) && rest.find_first_not_of(" \t\n") == std::string_view::npos;
  }

  void fence(std::string_view mark) {
    const std::size_t begin = at_;
    at_ += line_at(at_).size();
    const std::size_t inside = at_;
    while (at_ < text_.size() && !closes(line_at(at_), mark)) at_ += line_at(at_).size();
    const std::size_t end = at_;
    at_ += at_ < text_.size() ? line_at(at_).size() : 0;
    const std::string_view body = text_.substr(inside, end - inside);
    if (is_plain(text_.substr(begin, at_ - begin))) {
      out_ += text_.substr(begin, end - begin);
      if (!out_.ends_with('\n')) out_ += '\n';
      // As far in as it was opened: in a list, marks at the margin would open another one.
      out_ += line_at(begin).substr(0, line_at(begin).find(mark[0]));
      out_ += mark;
    } else {
      out_ += "<pre><code>";
      append_code(out_, body);
      out_ += "</code></pre>";
    }
    if (at_ < text_.size()) out_ += '\n';
  }

  /// Whether a piece can be as it is.
  [[nodiscard]] bool is_plain(std::string_view piece) const {
    if (piece.contains('<')) return false;
    const auto from = static_cast<std::size_t>(piece.data() - text_.data());
    for (auto at = piece.find(']'); at != std::string_view::npos; at = piece.find(']', at + 1)) {
      if (forbidden_mark(from + at) != std::string_view::npos) return false;
    }
    return true;
  }

  /// Where behind the `]` at `at` is the `(` or `:` of a target that is not allowed.
  [[nodiscard]] std::size_t forbidden_mark(std::size_t at) const {
    // Some renderers allow blanks before the target.
    const auto mark = text_.find_first_not_of(" \t\n", at + 1);
    if (mark == std::string_view::npos || mark > at + longest_target) return std::string_view::npos;
    if (text_[mark] != '(' && (text_[mark] != ':' || mark != at + 1)) return std::string_view::npos;
    std::string_view target = text_.substr(mark + 1, longest_target);
    while (!is_utf8(target)) target.remove_suffix(1);  // the cut may be inside a character
    // An inline target ends at its bracket, a definition's at a blank behind it.
    const bool cut = target.size() >= longest_target - 3;
    if (text_[mark] == '(') {
      target = target.substr(0, target.find(')'));
    } else {
      const auto begin = std::min(target.find_first_not_of(" \t\n><"), target.size());
      target = target.substr(0, target.find_first_of(" \t\n", begin));
    }
    const bool undecided = cut && bare_scheme(target).empty();
    return is_safe_link(target) && !undecided ? std::string_view::npos : mark;
  }

  void inline_line(std::string_view line) {
    const std::size_t begin = at_;
    const std::size_t end = at_ + line.size();
    spans_.clear();
    find_spans(line);
    auto span = spans_.begin();
    while (at_ < end) {
      if (span != spans_.end() && at_ == begin + span->begin) {
        code_span(line.substr(span->begin, span->end - span->begin), span->marks);
        at_ = begin + span->end;
        ++span;
        continue;
      }
      character();
    }
  }

  /// A run of backticks and the next one of the same length, on one line.
  struct Span {
    std::size_t begin;
    std::size_t end;
    std::size_t marks;
  };
  void find_spans(std::string_view line) {
    struct Run {
      std::size_t at;
      std::size_t size;
    };
    std::vector<Run> runs;
    for (auto at = line.find('`'); at != std::string_view::npos; at = line.find('`', at)) {
      const auto end = std::min(line.find_first_not_of('`', at), line.size());
      runs.push_back({at, end - at});
      at = end;
    }
    // From the back: the next run of each length.
    std::vector<std::size_t> partner(runs.size(), runs.size());
    std::unordered_map<std::size_t, std::size_t> next;
    for (std::size_t i = runs.size(); i-- > 0;) {
      if (const auto it = next.find(runs[i].size); it != next.end()) partner[i] = it->second;
      next[runs[i].size] = i;
    }
    for (std::size_t i = 0; i < runs.size();) {
      if (partner[i] == runs.size()) {
        ++i;
        continue;
      }
      const Run& last = runs[partner[i]];
      spans_.push_back({runs[i].at, last.at + last.size, runs[i].size});
      i = partner[i] + 1;
    }
  }
  void code_span(std::string_view whole, std::size_t marks) {
    if (is_plain(whole)) {
      out_ += whole;
      return;
    }
    std::string_view inside = whole.substr(marks, whole.size() - 2 * marks);
    if (inside.starts_with(' ') && inside.ends_with(' ') && inside.size() > 2)
      inside = inside.substr(1, inside.size() - 2);
    out_ += "<code>";
    append_code(out_, inside);
    out_ += "</code>";
  }

  void character() {
    const char c = text_[at_];
    if (c == '<') {
      const std::string_view link = autolink_at(text_.substr(at_));
      out_ += link.empty() ? std::string_view("&lt;") : link;
      at_ += link.empty() ? 1 : link.size();
      return;
    }
    out_ += c;
    ++at_;
    if (c != ']') return;
    const std::size_t mark = forbidden_mark(at_ - 1);
    if (mark == std::string_view::npos) return;
    out_ += text_.substr(at_, mark - at_);
    out_ += text_[mark] == '(' ? "&#40;" : "&#58;";
    at_ = mark + 1;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Span> spans_;
};

/// Lines of any end joined by `between`, without what acts on an editor or terminal.
std::string normal(std::string_view text, char between) {
  std::string out;
  bool first = true;
  each_source_line(text, [&](std::string_view line) {
    if (!first) out += between;
    first = false;
    out += comment_line(line, Splices::no);
  });
  return out;
}

}  // namespace

bool is_safe_link(std::string_view target) {
  const std::string begin = bare_scheme(target);
  if (begin.ends_with('&')) return false;  // an entity that is not known here
  if (!begin.ends_with(':')) return true;
  const std::string_view scheme = std::string_view(begin).substr(0, begin.size() - 1);
  if (scheme == "http" || scheme == "https" || scheme == "mailto") return true;
  // `*a*:b` has a colon and no scheme.
  return !std::ranges::all_of(scheme, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

std::string safe_markdown(std::string_view text, int level) {
  return Writer(normal(text, '\n')).blocks(level);
}

std::string safe_markdown_line(std::string_view text) {
  return Writer(normal(text, ' ')).line();
}

}  // namespace tenon::wit
