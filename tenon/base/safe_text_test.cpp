// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/safe_text.h"

#include <gtest/gtest.h>

#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/json.h"
#include "tenon/base/source.h"

namespace tenon {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  each_source_line(text, [&](std::string_view line) { out.emplace_back(line); });
  return out;
}

// Every language's idea of a line's end, since generated source is read by many.
TEST(SafeText, EveryLineEndEndsALine) {
  EXPECT_EQ(lines_of("a\nb\rc\r\nd\ve\ff\xC2\x85g\xE2\x80\xA8h\xE2\x80\xA9i"),
            (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h", "i"}));
  EXPECT_EQ(lines_of(""), std::vector<std::string>{""});
  EXPECT_EQ(lines_of("x\r"), (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(lines_of("\xC2\xA0\xE2\x80\xA6"), std::vector<std::string>{"\xC2\xA0\xE2\x80\xA6"});
}

TEST(SafeText, ACommentLineDoesNotJoinTheNextOne) {
  EXPECT_EQ(comment_line("a\\"), "a\\.");
  EXPECT_EQ(comment_line("a\\ \t"), "a\\.");
  EXPECT_EQ(comment_line("a\?\?/"), "a\?\?/.");
  EXPECT_EQ(comment_line("a\\b "), "a\\b");
}

// "Trojan source": an editor shows other code than the compiler reads.
TEST(SafeText, ACommentLineDoesNotTurnTheDirection) {
  EXPECT_EQ(comment_line("a\xE2\x80\xAE"
                         "b\xE2\x81\xA6"
                         "c"),
            "a\\u{202e}b\\u{2066}c");
  EXPECT_EQ(comment_line("\x1B[2J\x7F"), "\\x1b[2J\\x7f");
  // What people write stays: joiners of emoji and of Persian, other scripts.
  const std::string kept = "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x94\xA7 \xD7\x90 \xE2\x80\x8C";
  EXPECT_EQ(comment_line(kept), kept);
}

TEST(SafeText, NamesShowWhatATerminalWouldObey) {
  EXPECT_EQ(visible("a\x1B]0;t\x07\n\r\t\xC2\x9B"), "a\\x1b]0;t\\x07\\x0a\\x0d \\u{009b}");
  EXPECT_EQ(visible("\xE2\x80\xAE\xD8\x9C\xEF\xBB\xBF\xF3\xA0\x80\x81"),
            "\\u{202e}\\u{061c}\\u{feff}\\u{e0001}");
  EXPECT_EQ(visible("\xFF\xC3("), "\\xff\\xc3(");
  EXPECT_EQ(visible_lines("a\n\tb\x1B"), "a\n\tb\\x1b");
}

TEST(SafeText, ErrorsAndNotesShowNoControls) {
  const Rule rule{"r", "s", "m", "f"};
  const SourceSet sources;
  const Error error = Error(rule, Span::none(), "`\x1B[31m`")
                          .note("at \xE2\x80\xAEmodule!\x1B]0;x\x07")
                          .help("\x1B[0m");
  for (const std::string& text : {render(error, sources), render_json(error, sources)}) {
    EXPECT_EQ(text.find('\x1B'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
    EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos) << text;
  }
}

TEST(SafeText, JsonShowsNoControlsAndMeansTheSame) {
  const std::string text = "a\x7F\x1B\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8\xD8\x9C\xC3\xA9\xE2\x82\xAC";
  const std::string quoted = Json::quote(text);
  EXPECT_EQ(quoted, "\"a\\u007f\\u001b\\u009b\\u202e\\u2028\\u061c\xC3\xA9\xE2\x82\xAC\"");
  const auto back = Json::parse(quoted);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text(), text);
}

}  // namespace
}  // namespace tenon
