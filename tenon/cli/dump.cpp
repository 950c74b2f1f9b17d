// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "tenon/base/safe_text.h"
#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/sections.h"
#include "tenon/core/decode_expr.h"
#include "tenon/text/lex.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"stage", 0, "STAGE", "tokens (of text), sections, code", "tokens|sections|code"},
    output_option,
};

std::string_view kind_of(text::TokenKind kind) {
  switch (kind) {
    case text::TokenKind::eof:
      return "eof";
    case text::TokenKind::lparen:
      return "(";
    case text::TokenKind::rparen:
      return ")";
    case text::TokenKind::keyword:
      return "keyword";
    case text::TokenKind::id:
      return "id";
    case text::TokenKind::quoted_id:
      return "quoted id";
    case text::TokenKind::string:
      return "string";
    case text::TokenKind::number:
      return "number";
    case text::TokenKind::reserved:
      return "reserved";
    case text::TokenKind::bad:
      return "bad";
  }
  std::unreachable();
}

/// Text -> tokens: `line:column kind text`, one a line.
Result<std::string> dump_tokens(const Context& context, const Input& input) {
  if (!input.is_wat())
    return std::unexpected(wrong_kind(input, "the text of a core module or component"));
  TENON_TRY(text::check_source(input.text(), input.source));
  std::string out;
  text::Lexer lexer(input.text(), input.source);
  while (true) {
    const text::Token token = lexer.next();
    if (token.kind == text::TokenKind::bad) return std::unexpected(lexer.take_error());
    if (token.kind == text::TokenKind::eof) return out;
    const Position at = context.sources.position(input.source, token.begin);
    fmt::format_to(std::back_inserter(out), "{}:{} {:<9} {}\n", at.line, at.column,
                   kind_of(token.kind), visible(lexer.text(token)));
  }
}

/// Bytes, those of a text too -> sections: offset, size and content in hexadecimal, 16 bytes a
/// line.
Result<std::string> dump_sections(Context& context, Input& input) {
  TENON_TRY(make_binary(context, input));
  const std::vector<Section> sections = TENON_TRY(read_sections(input.bytes, input.source));
  std::string out;
  const auto put = std::back_inserter(out);
  for (const Section& section : sections) {
    const std::string indent(2 * static_cast<std::size_t>(section.depth), ' ');
    fmt::format_to(put, "{}{:#x} {}{} ({} bytes)\n", indent, section.whole.begin,
                   kind_name(section),
                   section.is_custom() ? fmt::format(" `{}`", visible(section.custom_name)) : "",
                   section.content.size());
    if (section.is_core_module() || section.is_component()) continue;
    const ByteSpan content = section.content.in(input.bytes);
    for (std::size_t at = 0; at < content.size(); at += 16) {
      fmt::format_to(put, "{}  {:06x} ", indent, section.content.begin + at);
      for (std::size_t i = at; i < content.size() && i < at + 16; ++i)
        fmt::format_to(put, " {:02x}", content[i]);
      out += '\n';
    }
  }
  return out;
}

/// Blocks may be nested as deep as the input is long.
constexpr std::size_t max_indent = 100;

/// Prints each operator with the place of its opcode; blocks are indented.
struct OpPrinter {
  std::string* out;
  std::uint32_t base = 0;
  std::size_t depth = 1;

  template <core::Op op, class Imm>
  void on(const Imm&, std::uint32_t offset) {
    using enum core::Op;
    if constexpr (op == end || op == else_ || op == catch_ || op == catch_all || op == delegate) {
      if (depth != 0) --depth;
    }
    fmt::format_to(std::back_inserter(*out), "  {:06x} {}{}\n", base + offset,
                   std::string(std::min(2 * depth, max_indent), ' '), core::info(op).text);
    if constexpr (op == block || op == loop || op == if_ || op == else_ || op == try_table ||
                  op == try_ || op == catch_ || op == catch_all) {
      ++depth;
    }
  }
};

/// Bytes -> operators of every function body.
Result<std::string> dump_code(const Input& input) {
  const core::Module module = TENON_TRY(load_module(input, core::Features::all()));
  std::string out;
  core::ExprScratch scratch;
  for (std::size_t i = 0; i < module.codes.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "func {}\n", module.num_imported_funcs + i);
    OpPrinter printer{&out, module.base};
    TENON_TRY(core::decode_expr(module, module.codes[i].body, printer, scratch));
  }
  return out;
}

int run(Context& context, const Args& args) {
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  const std::string_view stage =
      args.value("stage").value_or(input->is_binary() ? "sections" : "tokens");
  const auto dumped = stage == "tokens" ? dump_tokens(context, *input)
                      : stage == "code" ? dump_code(*input)
                                        : dump_sections(context, *input);
  if (!dumped) return context.report(dumped.error());
  return write_text(context, args.value("output"), *dumped);
}

}  // namespace

constinit const Verb verbs::dump{
    .name = "dump",
    .usage = "[INPUT] --stage=STAGE",
    .summary = "the structures between the stages: tokens, sections, code",
    .options = options,
    .max_inputs = 1,
    .takes = "@wasm",
    .run = run};

}  // namespace tenon::cli
