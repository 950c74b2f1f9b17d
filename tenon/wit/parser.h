// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/wit/ast.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/meant.h"

namespace tenon::wit {

/// The state of one parse: a cursor over tokens, and productions by the names of WIT.md. A
/// production returns its structure, or nothing after it has reported why not; whoever loops over
/// items then recovers.
class Parser {
 public:
  Parser(Tokens tokens, Diagnostics& diagnostics)
      : tokens_(std::move(tokens)), diagnostics_(diagnostics) {}

  ast::File file();
  /// A stretch that was not understood as a whole, and what to write there.
  struct Line {
    Span where;
    std::string help;
  };
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  /// Whether a place is in another line than the beginning of what it is in.
  [[nodiscard]] bool is_later_line(Span where, Span whole) const {
    return tokens_.text.substr(whole.begin, where.begin - whole.begin).contains('\n');
  }
  /// Where a type of another language was taken as one: what is wrong with its signs is told.
  [[nodiscard]] bool has_told(Span where) const {
    return std::ranges::any_of(
        told_, [&](const Span& s) { return where.begin >= s.begin && where.end <= s.end; });
  }

 private:
  // parse.cpp: cursor, names, versions, attributes, files.
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_.tokens[std::min(at_ + ahead, tokens_.tokens.size() - 1)];
  }
  [[nodiscard]] bool at(TokenKind kind, std::size_t ahead = 0) const {
    return peek(ahead).kind == kind;
  }
  [[nodiscard]] bool at_word(std::string_view word) const;
  Token next() {
    const Token token = peek();
    if (at_ + 1 < tokens_.tokens.size()) ++at_;
    return token;
  }
  bool eat(TokenKind kind) {
    if (!at(kind)) return false;
    next();
    return true;
  }
  bool expect(TokenKind kind, std::string_view after = {});
  /// The same behind a name, which is quoted when it comes to a message.
  bool expect_behind(TokenKind kind, std::string_view name);
  [[nodiscard]] bool adjacent(std::size_t ahead) const;
  void error(const Token& token, std::string detail, std::string help = {});
  void unexpected(std::string_view wanted, std::string help = {});
  bool expect_close(TokenKind close, const Token& open, std::string_view of);
  bool expect_close_of(const Token& open, std::string_view name);
  void recover_in_block();
  [[nodiscard]] bool starts_top_item() const;
  bool missing_semicolon(std::string_view after);
  [[nodiscard]] bool starts_item() const;
  [[nodiscard]] std::string found() const;
  void no_external_id(ast::Attributes& attributes, std::string_view what);
  void no_gates(ast::Attributes& attributes);
  void recover_to_item();
  std::optional<ast::Name> name(std::string_view what);
  std::optional<std::string> version();
  static std::string exact_version(std::string_view found);
  std::optional<ast::PackageDecl> package_decl(ast::Attributes attributes);
  std::optional<ast::UsePath> use_path();
  void old_path();
  [[nodiscard]] std::string package_alone(const PackageName& package) const;
  ast::Attributes attributes();
  void gate(ast::Attributes& out);
  void bare_gate(std::string_view text);
  SharedText gate_version();
  SharedText docs_before(const Token& token);
  void append_doc_text(const Comment& comment);
  bool package_items(std::vector<ast::PackageItem>& items, ast::File* file);
  bool package_item(std::vector<ast::PackageItem>& items, ast::File* file);
  void no_item();
  void nested_package(ast::PackageDecl decl, ast::File& file);
  std::optional<ast::TopUse> top_use(ast::Attributes attributes);

  // parse_items.cpp: interfaces and worlds.
  std::optional<ast::Interface> interface(ast::Attributes attributes);
  bool interface_items(ast::Interface& out);
  bool interface_item(ast::Interface& out);
  std::optional<ast::World> world(ast::Attributes attributes);
  bool world_item(ast::World& out);
  std::optional<ast::Extern> extern_item(ast::Attributes attributes);
  std::optional<ast::Use> use(ast::Attributes attributes);
  std::optional<ast::Include> include(ast::Attributes attributes);
  bool old_item();
  bool old_union();
  bool union_of_fields(const Error& report);

  // parse_types.cpp: functions and types.
  std::optional<ast::Func> func(ast::Attributes attributes, ast::Name name);
  bool func_type(ast::Func& out);
  bool params(ast::Func& out);
  bool old_results(ast::Func& out);
  bool member(ast::TypeDecl& out, std::string_view what);
  void missing_comma(std::string_view what);
  void recover_member();
  void recover_list();
  std::optional<ast::TypeDecl> type_decl(ast::Attributes attributes);
  bool members(ast::TypeDecl& out);
  bool resource_items(ast::TypeDecl& out);
  std::optional<ast::Func> method();
  std::optional<ast::Type> type(std::uint32_t depth = 0);
  bool type_args(ast::Type& out, std::uint32_t depth);
  bool list_length(ast::Type& out);
  bool too_many_types(ast::Type::Kind kind, const Token& open, std::string_view word);
  bool result_args(ast::Type& out, std::uint32_t depth);
  void needless_underscore(std::string_view ok, std::uint32_t from);
  std::optional<ast::Type> named_type();
  [[nodiscard]] std::optional<Fix> without_unit() const;
  void note_old_type();

  // parse_lines.cpp: the line to write in the place of an item that failed.
  void note_line(std::size_t first, Place place);
  bool note_statement(std::size_t first, Place place);
  void note_head(Span where, std::string help, bool own);
  bool note_typedef(std::size_t first);
  bool whole_body(const ast::TypeDecl& of);
  [[nodiscard]] std::string_view body_text(Span head, std::uint32_t& end) const;
  void resume_behind(std::uint32_t end, std::size_t first);
  bool only_fields(std::size_t first, bool nested);
  bool way_of_all(std::size_t first);
  void note_method(std::size_t first, std::string_view resource);
  bool note_field(std::size_t first);
  [[nodiscard]] std::optional<std::string> shared_field(Span statement, Span& where) const;
  void note_package(std::size_t first);

  // parse_foreign.cpp: what other languages have, told in WIT's words.
  std::optional<ast::Type> foreign_type();
  [[nodiscard]] bool looks_foreign() const;
  [[nodiscard]] bool has_foreign_part() const;
  [[nodiscard]] Span type_text(std::uint32_t begin) const;
  [[nodiscard]] Span statement_text(std::size_t first) const;
  [[nodiscard]] std::optional<Fix> function_line(std::size_t first) const;
  void name_error(std::string& line) const;
  [[nodiscard]] std::string line_help(std::string_view otherwise) const;
  Error with_line(Error error, std::size_t first, std::string_view before,
                  std::string_view otherwise) const;
  bool foreign_function(std::string_view wanted);
  [[nodiscard]] std::string no_parameters() const;
  bool foreign_generic();
  bool tuple_in_parentheses(ast::Type& out, std::uint32_t depth);
  bool function_as_type();
  bool type_of_interface();
  bool type_of_package(const ast::Name& first);
  bool missing_colon(std::string_view name);
  bool self_parameter();
  bool foreign_arrow();
  void default_value(std::string_view what, std::string_view help);
  bool case_types(ast::Type& first, const Token& open);
  bool double_colon();
  bool foreign_item();
  [[nodiscard]] std::string tail_help(std::string_view after) const;
  [[nodiscard]] std::string body_help(std::string_view what, std::string_view name) const;
  [[nodiscard]] std::string value_help(std::string_view name) const;
  [[nodiscard]] bool nested_item();
  bool word_before_type();

  // parse_elsewhere.cpp: more of them, of members, types and words before items.
  [[nodiscard]] std::string lent(std::string text, bool of_result, std::string& unsure) const;
  [[nodiscard]] static std::string absent_help(std::string_view text);
  void access_word();
  void exported_item();
  bool words_as_type(ast::TypeDecl& out);
  bool several_types(ast::TypeDecl& out);
  bool numbers_of_fields(ast::TypeDecl::Kind kind);
  bool case_without_name();
  void fields_of_case(const ast::TypeDecl& of, std::string_view name);
  ast::Type any_value();
  bool type_behind_version(std::string_view found, Span where);
  bool extern_word(bool is_import);
  [[nodiscard]] bool starts_func_type(std::size_t ahead = 0) const;
  bool accessor_type(ast::Func& out);
  [[nodiscard]] bool starts_type_decl() const;

  Tokens tokens_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  /// Comments before this one are behind us.
  std::size_t comment_ = 0;
  std::vector<ast::OldType> old_types_;
  std::vector<Span> told_;
  std::vector<Line> lines_;
  /// The first token of the function at hand, without `import` or `export`.
  std::size_t statement_ = 0;
  /// The types that the file declares, by whether they are resources; made when first asked for.
  mutable std::optional<std::map<std::string_view, bool>> declared_;
  /// The names of errors that stand in the file as WIT has them; made when first asked for.
  mutable std::optional<std::vector<std::string_view>> errors_;
  /// Doc text under way.
  std::string docs_;
  /// The last version of a gate, to be shared.
  SharedText last_version_;
  /// The item that failed was a function: no type went missing with it.
  bool lost_function_ = false;
  /// An interface or world stood where none may: names of the package are missing.
  bool lost_item_ = false;
  /// The item that failed is behind us already: the next one follows.
  bool passed_ = false;
};

}  // namespace tenon::wit
