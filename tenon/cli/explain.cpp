// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/json.h"
#include "tenon/base/nearest.h"
#include "tenon/cli/all_rules.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"
#include "tenon/cli/rule_examples.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {
namespace {

/// What breaks a rule and what does not, in lines.
struct Example {
  std::string wrong;
  std::string right;
};

Example example_of(std::string_view rule) {
  Example out;
  bool own = false;
  for (std::string_view rest = rule_examples(); !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.starts_with("= ")) {
      if (own) break;
      const std::string_view name = line.substr(2);
      own = name.substr(0, name.find(' ')) == rule;
    } else if (own && line.size() > 2) {
      (line[0] == '-' ? out.wrong : out.right) += std::string(line.substr(2)) + "\n";
    }
  }
  return out;
}

/// Lines below a word, set in.
std::string shown(std::string_view word, std::string_view lines) {
  if (lines.empty()) return {};
  std::string out = fmt::format("  {}:\n", word);
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    out += fmt::format("    {}\n", lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
  return out;
}

std::string describe(const RoomRule& entry, bool json) {
  const Rule& rule = entry.rule;
  const Example example = example_of(rule.id);
  if (!json) {
    return fmt::format("{}: {}\n  specification: {}\n  checked in: {}\n", rule.id, rule.message,
                       rule.spec, rule.file) +
           shown("wrong", example.wrong) + shown("right", example.right);
  }
  std::vector<Json::Member> members;
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) members.emplace_back(name, Json::string(std::string(text)));
  };
  add("id", rule.id);
  add("room", entry.room);
  add("message", rule.message);
  add("spec", rule.spec);
  add("file", rule.file);
  add("wrong", example.wrong);
  add("right", example.right);
  return Json::object(std::move(members)).dump() + "\n";
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

constinit const Verb verbs::explain{.name = "explain",
                                    .usage = "[RULE-ID]",
                                    .summary =
                                        "a rule that an error named: examples, its place in the "
                                        "specification, the file that checks it",
                                    .options = {},
                                    .max_inputs = 1,
                                    .takes = "@rule",
                                    .run = run};

}  // namespace tenon::cli
