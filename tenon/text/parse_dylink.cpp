// SPDX-License-Identifier: Apache-2.0
// `(@dylink.0 …)`: what a dynamic linker is told. The section is before all others; entries of
// one kind in a row share a subsection. Spec: tool-conventions/DynamicLinking.md.
#include <algorithm>
#include <array>

#include "tenon/text/module_parser.h"

namespace tenon::text {

namespace {

struct Flag {
  std::string_view word;
  std::uint32_t value;
};
constexpr auto flags = std::to_array<Flag>({
    {"binding-weak", 1U << 0U},
    {"binding-local", 1U << 1U},
    {"visibility-hidden", 1U << 2U},
    {"undefined", 1U << 4U},
    {"exported", 1U << 5U},
    {"explicit-name", 1U << 6U},
    {"no-strip", 1U << 7U},
    {"tls", 1U << 8U},
    {"absolute", 1U << 9U},
});

enum class Part : std::uint8_t {
  mem_info = 1,
  needed = 2,
  export_info = 3,
  import_info = 4,
  runtime_path = 5,
  target_arch = 6,
};

/// One subsection while its entries are read.
struct Subsection {
  Part id;
  std::uint32_t count = 0;
  Writer entries;
};

Result<void> symbol_flags(Cursor& in, Writer& out) {
  std::uint32_t value = 0;
  while (!in.at(TokenKind::rparen)) {
    const auto* const flag = std::ranges::find(flags, in.text(), &Flag::word);
    if (flag != flags.end()) {
      in.take();
      value |= flag->value;
    } else {
      const std::uint32_t bits = TENON_TRY(in.u32("a flag of a symbol, such as `binding-weak`"));
      value |= bits;
    }
  }
  out.u32(value);
  return {};
}

/// `(memory 1 1)` or `(table 1 1)`, or zeros.
Result<void> mem_info(Cursor& in, std::string_view word, Writer& out) {
  if (!in.eat_open(word)) {
    out.u32(0);
    out.u32(0);
    return {};
  }
  const std::uint32_t size = TENON_TRY(in.u32("a size"));
  const std::uint32_t align = TENON_TRY(in.u32("an alignment, as a power of two"));
  out.u32(size);
  out.u32(align);
  return in.expect_close();
}

Result<void> names(Cursor& in, Subsection& out) {
  while (!in.at(TokenKind::rparen)) {
    const std::string name = TENON_TRY(in.name());
    out.entries.name(name);
    ++out.count;
  }
  return {};
}

/// What follows the word of an entry.
Result<void> entry(Cursor& in, Subsection& out) {
  switch (out.id) {
    case Part::mem_info:
      TENON_TRY(mem_info(in, "memory", out.entries));
      return mem_info(in, "table", out.entries);
    case Part::needed:
    case Part::runtime_path:
      return names(in, out);
    case Part::import_info: {
      const std::string module = TENON_TRY(in.name("the name of a module"));
      out.entries.name(module);
      break;
    }
    case Part::export_info:
      break;
    case Part::target_arch: {
      const std::string arch = TENON_TRY(in.name("the name of an architecture"));
      out.entries.name(arch);
      return {};
    }
  }
  const std::string name = TENON_TRY(in.name("the name of a symbol"));
  out.entries.name(name);
  ++out.count;
  return symbol_flags(in, out.entries);
}

void write(Writer& out, const Subsection& subsection) {
  Writer content;
  if (subsection.id != Part::mem_info && subsection.id != Part::target_arch)
    content.u32(subsection.count);
  content.bytes(subsection.entries.view());
  out.u8(static_cast<std::uint8_t>(subsection.id));
  out.sized_bytes(content.view());
}

}  // namespace

Result<void> ModuleParser::dylink(const Annotation& annotation) {
  struct Word {
    std::string_view text;
    Part id;
  };
  constexpr auto words = std::to_array<Word>({{"mem-info", Part::mem_info},
                                              {"needed", Part::needed},
                                              {"export-info", Part::export_info},
                                              {"import-info", Part::import_info},
                                              {"runtime-path", Part::runtime_path},
                                              {"target-arch", Part::target_arch}});
  std::vector<Subsection> subsections;
  Cursor inside = c_.inside(annotation);
  while (inside.at(TokenKind::lparen)) {
    inside.take();
    const auto* const word = std::ranges::find(words, inside.text(), &Word::text);
    if (word == words.end())
      return std::unexpected(inside.unexpected("a part of `dylink.0`, such as `mem-info`"));
    inside.take();
    const bool shares = word->id == Part::export_info || word->id == Part::import_info;
    if (!shares || subsections.empty() || subsections.back().id != word->id)
      subsections.push_back({word->id, 0, {}});
    TENON_TRY(entry(inside, subsections.back()));
    TENON_TRY(inside.expect_close());
  }
  if (!inside.at(TokenKind::rparen)) return std::unexpected(inside.unexpected("`(` or `)`"));
  Custom out = made_custom("dylink.0", [&] {
    for (const Subsection& subsection : subsections) write(out_, subsection);
  });
  out.after = core::SectionId::custom;
  out.span = {c_.source(), annotation.begin, annotation.end};
  customs_.push_back(out);
  return {};
}

}  // namespace tenon::text
