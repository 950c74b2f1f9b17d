// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <vector>

#include "tenon/base/nearest.h"
#include "tenon/cli/all_rules.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

std::string describe(const RoomRule& entry, bool json) {
  const Rule& rule = entry.rule;
  if (json) {
    // The table's texts are ours; only quotes need care.
    std::string spec;
    for (const char c : rule.spec) {
      if (c == '"' || c == '\\') spec += '\\';
      spec += c;
    }
    return fmt::format(
        "{{\"id\":\"{}\",\"room\":\"{}\",\"message\":\"{}\",\"spec\":\"{}\",\"file\":\"{}\"}}\n",
        rule.id, entry.room, rule.message, spec, rule.file);
  }
  return fmt::format("{}: {}\n  specification: {}\n  checked in: {}\n", rule.id, rule.message,
                     rule.spec, rule.file);
}

int run(Context& context, const Args& args) {
  std::string out;
  std::vector<std::string_view> ids;
  if (args.inputs().empty()) {
    for (const RoomRule& entry : all_rules()) {
      out += context.json
                 ? describe(entry, true)
                 : fmt::format("{:<12}{:<36}{}\n", entry.room, entry.rule.id, entry.rule.message);
    }
    return write_text(context, std::nullopt, out);
  }
  const std::string_view wanted = args.input(0);
  for (const RoomRule& entry : all_rules()) {
    ids.push_back(entry.rule.id);
    if (entry.rule.id == wanted) out += describe(entry, context.json);
  }
  if (!out.empty()) return write_text(context, std::nullopt, out);
  const std::string_view near = nearest(wanted, ids);
  return context.report(Error(rules::unknown_rule, Span::none(), fmt::format("`{}`", wanted))
                            .help(near.empty()
                                      ? "`tenon explain` without an argument lists all rules"
                                      : fmt::format("did you mean `{}`?", near)));
}

}  // namespace

constinit const Verb verbs::explain{
    .name = "explain",
    .usage = "[RULE-ID]",
    .summary = "a rule that an error named: where it stands, which file checks it",
    .options = {},
    .max_inputs = 1,
    .run = run};

}  // namespace tenon::cli
