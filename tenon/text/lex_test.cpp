// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/lex.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tenon/text/cursor.h"
#include "tenon/text/rules.h"

namespace tenon::text {
namespace {

std::vector<TokenKind> kinds(std::string_view text) {
  Lexer lexer(text, 0);
  std::vector<TokenKind> out;
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::eof) return out;
    out.push_back(token.kind);
    if (token.kind == TokenKind::bad) return out;
  }
}

const Rule& lex_error(std::string_view text) {
  static Error last(rules::unexpected_token, {});
  Lexer lexer(text, 0);
  for (;;) {
    const Token token = lexer.next();
    EXPECT_NE(token.kind, TokenKind::eof) << text;
    if (token.kind == TokenKind::eof) return last.rule();
    if (token.kind == TokenKind::bad) {
      last = lexer.take_error();
      return last.rule();
    }
  }
}

TEST(Lexer, TellsTheTokensApart) {
  using enum TokenKind;
  EXPECT_EQ(kinds("(module $m \"s\" 12 -0x1 i32.add $\"q\" ,)"),
            (std::vector{lparen, keyword, id, string, number, number, keyword, quoted_id, reserved,
                         rparen}));
  EXPECT_EQ(kinds("a\"b\""), (std::vector{reserved}));
  EXPECT_EQ(kinds("\"a\"\"b\""), (std::vector{reserved}));
  EXPECT_EQ(kinds("i32.const 1;;x\n(;(;;);)2"), (std::vector{keyword, number, number}));
  EXPECT_EQ(kinds(""), (std::vector<TokenKind>{}));
}

TEST(Lexer, SkipsAnnotationsWithAnythingInside) {
  EXPECT_EQ(kinds("(@a \")\" (x ( ) ,;]) ;; )\n (; ) ;) )x"), (std::vector{TokenKind::keyword}));
}

TEST(Lexer, SaysWhatIsWrong) {
  EXPECT_EQ(lex_error("\"abc"), rules::unclosed_string);
  EXPECT_EQ(lex_error("\"a\nb\""), rules::unclosed_string);
  EXPECT_EQ(lex_error("\"\\q\""), rules::string_escape);
  EXPECT_EQ(lex_error("\"\\u{d800}\""), rules::string_escape);
  EXPECT_EQ(lex_error("\"\\u{110000}\""), rules::string_escape);
  EXPECT_EQ(lex_error("(; (; ;)"), rules::unclosed_comment);
  EXPECT_EQ(lex_error("(@x (y)"), rules::unclosed_annotation);
  EXPECT_EQ(lex_error("(@)"), rules::empty_annotation_id);
  EXPECT_EQ(lex_error("(func $)"), rules::empty_identifier);
  EXPECT_EQ(lex_error("$\"\""), rules::empty_identifier);
  EXPECT_EQ(lex_error("\x01"), rules::illegal_character);
  EXPECT_EQ(lex_error("\xC3\xBC"), rules::illegal_character);
}

TEST(Lexer, ReadsEveryEscape) {
  EXPECT_EQ(string_value(R"("\t\n\r\"\'\\\41\u{1F600}\u{4_1}x")"),
            "\t\n\r\"'\\A\xF0\x9F\x98\x80"
            "Ax");
}

TEST(Lexer, RefusesWhatIsNoUtf8) {
  EXPECT_FALSE(check_source("(; \xFF ;)", 0));
  EXPECT_TRUE(check_source("(; \xC3\xBC ;)", 0));
}

TEST(Cursor, CountsParenthesesUpToALimit) {
  const std::string deep(max_nesting + 1, '(');
  NameArena arena;
  Cursor cursor(deep, 0, arena);
  for (std::uint32_t i = 0; i < max_nesting; ++i) {
    ASSERT_TRUE(cursor.at(TokenKind::lparen));
    cursor.take();
  }
  cursor.take();
  EXPECT_TRUE(cursor.at(TokenKind::bad));
  EXPECT_EQ(cursor.unexpected("x").rule(), rules::nesting);
}

TEST(NameMap, FindsWhatWasInsertedAndForgetsOnClear) {
  NameMap map;
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("name_" + std::to_string(i));
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_TRUE(map.insert(names[i], i));
  EXPECT_FALSE(map.insert(names[7], 1));
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(map.find(names[i]), i);
  map.clear();
  EXPECT_FALSE(map.find(names[3]));
  EXPECT_TRUE(map.insert(names[3], 5));
  EXPECT_EQ(map.find(names[3]), 5U);
}

}  // namespace
}  // namespace tenon::text
