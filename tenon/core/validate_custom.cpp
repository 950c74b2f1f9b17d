// SPDX-License-Identifier: Apache-2.0
// Custom sections are checked on demand alone, so nothing here may be slow or strict for the sake
// of those who do not ask: `validate` never comes here.
#include "tenon/core/validate_custom.h"

#include <fmt/format.h>

#include "tenon/core/decode_expr.h"
#include "tenon/core/names.h"

namespace tenon::core {

namespace {

std::unexpected<Error> wrong(Span span, std::string detail) {
  return std::unexpected(Error(rules::custom_content, span, std::move(detail)));
}

/// Walks a body along with its hints, which are in order.
struct HintVisitor {
  const std::vector<BranchHint>& hints;
  std::uint32_t begin;
  std::size_t next = 0;
  /// The first hint that is at no operator, or at one without a choice.
  std::optional<std::string> wrong;

  template <Op op>
  void on(const ImmOf<op>& /*imm*/, std::uint32_t offset) {
    if (next == hints.size() || wrong) return;
    const std::uint32_t at = offset - begin;
    if (hints[next].offset > at) return;
    if (hints[next].offset < at) {
      wrong =
          fmt::format("a branch hint at offset {}, where no operator begins", hints[next].offset);
    } else if (op != Op::br_if && op != Op::if_) {
      wrong = fmt::format("a branch hint at `{}`", info(op).text);
    }
    ++next;
  }
};

Result<void> hints_of(const Module& module, const FuncBranchHints& func, Span span) {
  const std::uint32_t index = func.func.value;
  if (index < module.num_imported_funcs ||
      index - module.num_imported_funcs >= module.codes.size()) {
    return wrong(span, fmt::format("branch hints for function {}, which has no body", index));
  }
  const Code& code = module.codes[index - module.num_imported_funcs];
  HintVisitor visitor{func.hints, code.entry.begin, 0, {}};
  TENON_TRY(decode_expr(module, code.body, visitor));
  if (visitor.wrong) return wrong(span, *visitor.wrong);
  if (visitor.next != func.hints.size()) {
    return wrong(span, fmt::format("a branch hint at offset {}, behind the body of function {}",
                                   func.hints[visitor.next].offset, index));
  }
  return {};
}

Result<void> branch_hints(const Module& module, const CustomSection& section) {
  if (&section != find_custom(module, branch_hint_section))
    return wrong(section.span, "a second section of branch hints");
  if (section.after == SectionId::code || section.after == SectionId::data)
    return wrong(section.span, "branch hints behind the code");
  const auto funcs = TENON_TRY(read_branch_hints(module, section));
  for (const FuncBranchHints& func : funcs) TENON_TRY(hints_of(module, func, section.span));
  return {};
}

}  // namespace

Result<void> validate_custom(const Module& module) {
  for (const CustomSection& section : module.customs) {
    if (section.name == branch_hint_section) TENON_TRY(branch_hints(module, section));
    if (section.name == "name") TENON_TRY(read_names(module, section));
    if (section.name == "producers") TENON_TRY(read_producers(module, section));
  }
  return {};
}

}  // namespace tenon::core
