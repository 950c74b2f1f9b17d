// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/wast.h"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/base/unicode.h"
#include "tenon/text/cursor.h"
#include "tenon/text/parse_module.h"
#include "tenon/text/parse_types.h"
#include "tenon/text/rules.h"
#include "tenon/text/wast_value.h"

namespace tenon::text {
namespace {

class ScriptParser {
 public:
  ScriptParser(std::string_view text, std::uint32_t source)
      : cursor_(text, source, arena_), c_(cursor_) {}

  Result<void> parse(Script& out) {
    if (!at_command()) {
      // A file of module fields alone.
      ModuleCommand command;
      command.module.bare = true;
      command.module.begin = 0;
      command.module.span = {c_.source(), 0, static_cast<std::uint32_t>(c_.whole_text().size())};
      out.commands.push_back({std::move(command), out.commands.empty() ? c_.span() : c_.span()});
      return {};
    }
    while (!c_.at(TokenKind::eof)) {
      Command next = TENON_TRY(command(0));
      out.commands.push_back(std::move(next));
    }
    return {};
  }

 private:
  bool at_command() {
    if (c_.at(TokenKind::eof)) return true;
    const std::string_view word = c_.open_keyword();
    constexpr auto words = std::to_array<std::string_view>(
        {"module", "component", "register", "invoke", "get", "thread", "wait"});
    return word.starts_with("assert_") || std::ranges::find(words, word) != words.end();
  }

  Result<Command> command(int depth);
  Result<CommandKind> command_kind(std::string_view word, int depth);
  Result<CommandKind> module_command(bool component);
  Result<ScriptModule> module(bool component, std::uint32_t begin);
  Result<ScriptModule> module_in_parens();
  Result<CommandKind> thread(int depth);
  Result<CommandKind> refused(AssertRefused::Kind kind);
  Result<CommandKind> failure(AssertFailure::Kind kind);
  Result<Action> action();
  Result<Action> action_in_parens();
  std::optional<std::string> id() {
    const auto found = c_.eat_id();
    if (!found) return std::nullopt;
    return std::string(found->name);
  }
  /// Strings of a script need not be UTF-8.
  Result<std::string> any_string(std::string_view wanted) {
    std::vector<std::uint8_t> bytes;
    TENON_TRY(c_.string(bytes, wanted));
    return std::string(bytes.begin(), bytes.end());
  }

  NameArena arena_;
  Cursor cursor_;
  Cursor& c_;
};

Result<Command> ScriptParser::command(int depth) {
  const std::uint32_t begin = c_.peek().begin;
  const std::string_view word = c_.open_keyword();
  if (word.empty() || !at_command())
    return std::unexpected(
        c_.unexpected("a script command, such as `(module` or `(assert_return`"));
  c_.take();
  c_.take();
  CommandKind kind = TENON_TRY(command_kind(word, depth));
  return Command{std::move(kind), c_.span_from(begin)};
}

Result<CommandKind> ScriptParser::command_kind(std::string_view word, int depth) {
  using Failure = AssertFailure::Kind;
  using Refused = AssertRefused::Kind;
  if (word == "module" || word == "component") return module_command(word == "component");
  if (word == "assert_malformed") return refused(Refused::malformed);
  if (word == "assert_invalid") return refused(Refused::invalid);
  if (word == "assert_malformed_custom") return refused(Refused::malformed_custom);
  if (word == "assert_invalid_custom") return refused(Refused::invalid_custom);
  if (word == "assert_trap") return failure(Failure::trap);
  if (word == "assert_exhaustion") return failure(Failure::exhaustion);
  if (word == "assert_exception") return failure(Failure::exception);
  if (word == "assert_suspension") return failure(Failure::suspension);
  if (word == "assert_unlinkable") return failure(Failure::unlinkable);
  if (word == "thread") return thread(depth);
  CommandKind kind;
  if (word == "invoke" || word == "get") {
    Action act;
    act.kind = word == "invoke" ? Action::Kind::invoke : Action::Kind::get;
    act.id = id();
    act.name = TENON_TRY(c_.name("the name of an export"));
    while (!c_.at(TokenKind::rparen)) {
      ScriptValue value = TENON_TRY(parse_script_value(c_, false));
      act.args.push_back(std::move(value));
    }
    kind = std::move(act);
  } else if (word == "register") {
    RegisterCommand reg;
    reg.name = TENON_TRY(c_.name("the name to register"));
    reg.id = id();
    kind = std::move(reg);
  } else if (word == "assert_return") {
    AssertReturn out;
    out.action = TENON_TRY(action_in_parens());
    while (!c_.at(TokenKind::rparen)) {
      ScriptValue value = TENON_TRY(parse_script_value(c_, true));
      out.results.push_back(std::move(value));
    }
    kind = std::move(out);
  } else if (word == "wait") {
    const auto name = id();
    if (!name) return std::unexpected(c_.unexpected("a thread's identifier"));
    kind = WaitCommand{*name};
  } else {
    return std::unexpected(
        Error(rules::script_form, c_.span(), fmt::format("no command is called `{}`", word)));
  }
  TENON_TRY(c_.expect_close());
  return kind;
}

Result<CommandKind> ScriptParser::module_command(bool component) {
  const std::uint32_t begin = c_.previous_end();
  if (c_.eat_keyword("instance")) {
    InstanceCommand out;
    out.component = component;
    out.id = id();
    out.definition = id();
    TENON_TRY(c_.expect_close());
    return CommandKind(std::move(out));
  }
  ModuleCommand out;
  out.definition_only = c_.eat_keyword("definition");
  out.module = TENON_TRY(module(component, begin));
  return CommandKind(std::move(out));
}

Result<ScriptModule> ScriptParser::module(bool component, std::uint32_t begin) {
  ScriptModule out;
  out.component = component;
  out.begin = c_.previous_end();
  out.id = id();
  if (c_.at_keyword("binary") || c_.at_keyword("quote")) {
    const bool binary = c_.at_keyword("binary");
    out.form = binary ? ScriptModule::Form::binary : ScriptModule::Form::quote;
    c_.take();
    while (c_.at(TokenKind::string)) {
      if (!binary && !out.bytes.empty()) out.bytes.push_back(' ');
      TENON_TRY(c_.string(out.bytes));
    }
    TENON_TRY(c_.expect_close("a string or `)`"));
  } else {
    TENON_TRY(c_.skip_to_close());
  }
  c_.clear_annotations();
  out.span = c_.span_from(begin);
  return out;
}

Result<ScriptModule> ScriptParser::module_in_parens() {
  const std::string_view word = c_.open_keyword();
  if (word != "module" && word != "component")
    return std::unexpected(c_.unexpected("`(module` or `(component`"));
  const std::uint32_t begin = c_.peek().begin;
  c_.take();
  c_.take();
  return module(word == "component", begin);
}

Result<CommandKind> ScriptParser::thread(int depth) {
  if (depth >= 8) return std::unexpected(Error(rules::nesting, c_.span(), "threads in threads"));
  ThreadCommand out;
  const auto name = id();
  if (!name) return std::unexpected(c_.unexpected("a thread's identifier"));
  out.id = *name;
  while (c_.eat_open("shared")) {
    TENON_TRY(c_.expect_open_keyword("module"));
    const auto shared = id();
    if (!shared) return std::unexpected(c_.unexpected("a module's identifier"));
    out.shared.push_back(*shared);
    TENON_TRY(c_.expect_close());
    TENON_TRY(c_.expect_close());
  }
  while (!c_.at(TokenKind::rparen)) {
    Command inner = TENON_TRY(command(depth + 1));
    out.commands.push_back(std::move(inner));
  }
  TENON_TRY(c_.expect_close());
  return CommandKind(std::move(out));
}

Result<CommandKind> ScriptParser::refused(AssertRefused::Kind kind) {
  AssertRefused out;
  out.kind = kind;
  out.module = TENON_TRY(module_in_parens());
  out.message = TENON_TRY(any_string("the expected message"));
  TENON_TRY(c_.expect_close());
  return CommandKind(std::move(out));
}

Result<CommandKind> ScriptParser::failure(AssertFailure::Kind kind) {
  AssertFailure out;
  out.kind = kind;
  const std::string_view word = c_.open_keyword();
  if (word == "invoke" || word == "get") {
    out.what = TENON_TRY(action_in_parens());
  } else {
    out.what = TENON_TRY(module_in_parens());
  }
  if (c_.at(TokenKind::string)) out.message = TENON_TRY(any_string("the expected message"));
  TENON_TRY(c_.expect_close());
  return CommandKind(std::move(out));
}

Result<Action> ScriptParser::action_in_parens() {
  const std::string_view word = c_.open_keyword();
  if (word != "invoke" && word != "get")
    return std::unexpected(c_.unexpected("`(invoke` or `(get`"));
  c_.take();
  c_.take();
  CommandKind kind = TENON_TRY(command_kind(word, 0));
  return std::get<Action>(std::move(kind));
}

}  // namespace

Result<Script> parse_wast(std::string_view text, std::uint32_t source) {
  TENON_TRY(check_source(text, source));
  Script out;
  out.text = text;
  out.source = source;
  ScriptParser parser(text, source);
  TENON_TRY(parser.parse(out));
  return out;
}

Result<core::Module> parse_script_module(const Script& script, const ScriptModule& module) {
  assert(!module.component && module.form != ScriptModule::Form::binary);
  if (module.form == ScriptModule::Form::quote) {
    const std::string_view text(reinterpret_cast<const char*>(module.bytes.data()),
                                module.bytes.size());
    return parse_module(text, Span::no_source);
  }
  NameArena arena;
  Cursor cursor(script.text, script.source, arena);
  cursor.seek(module.begin, module.bare ? 0 : 1);
  const auto id = cursor.eat_id();
  const auto annotated = TENON_TRY(name_annotation(cursor));
  core::Module out = TENON_TRY(parse_module_fields(
      cursor, id, annotated ? std::optional<std::string_view>(*annotated) : std::nullopt));
  if (module.bare) {
    TENON_TRY(cursor.expect_end());
  } else {
    TENON_TRY(cursor.expect_close());
  }
  return out;
}

}  // namespace tenon::text
