// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tenon/cli/command.h"
#include "tenon/cli/input.h"
#include "tenon/cli/load.h"
#include "tenon/cli/output.h"
#include "tenon/cli/sections.h"

namespace tenon::cli {
namespace {

constexpr Option options[] = {
    {"all", 'a', "", "drop every custom section", {}},
    {"delete", 'd', "REGEX", "drop only the custom sections whose names match", {}},
    {"keep", 0, "REGEX", "keep the custom sections whose names match", {}},
    output_option,
    wat_option,
};

/// What linkers and component tools still need, and names, which make traps readable.
bool is_kept_by_default(std::string_view name) {
  return name == "name" || name == "component-name" || name.starts_with("component-type") ||
         name == "dylink.0";
}

/// std::regex recurses for each character: of a very long name the beginning is looked at.
bool any_matches(const std::vector<std::regex>& patterns, std::string_view name) {
  constexpr std::size_t longest = 1024;
  name = name.substr(0, longest);
  for (const std::regex& pattern : patterns) {
    if (std::regex_search(name.begin(), name.end(), pattern)) return true;
  }
  return false;
}

/// std::regex reports a bad pattern by throwing; here is where it stops.
Result<std::vector<std::regex>> patterns_of(const Args& args, std::string_view option) {
  std::vector<std::regex> out;
  for (const std::string_view text : args.values(option)) {
    try {
      out.emplace_back(text.begin(), text.end(), std::regex::ECMAScript);
    } catch (const std::regex_error&) {
      return std::unexpected(
          usage_error(fmt::format("`--{} {}` is not a regular expression", option, text)));
    }
  }
  return out;
}

/// Notes the patterns that no custom section's name matches.
void note_idle_patterns(const Context& context, const Args& args, std::string_view option,
                        const std::vector<std::regex>& patterns,
                        const std::set<std::string, std::less<>>& sections) {
  constexpr std::size_t most = 12;
  const auto texts = args.values(option);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (std::ranges::any_of(sections,
                            [&](const auto& name) { return any_matches({patterns[i]}, name); }))
      continue;
    const auto some = sections | std::views::take(most);
    context.note(fmt::format("no custom section matches `--{} {}`; {}", option, texts[i],
                             sections.empty()
                                 ? "there are none"
                                 : fmt::format("there are `{}`{}", fmt::join(some, "`, `"),
                                               sections.size() > most ? ", …" : "")));
  }
}

int run(Context& context, const Args& args) {
  if (args.has("all") && args.has("delete"))
    return context.report(usage_error("found both `--all` and `--delete`",
                                      "`--all` removes every custom section: write one of them"));
  const auto deleted = patterns_of(args, "delete");
  if (!deleted) return context.report(deleted.error());
  const auto kept = patterns_of(args, "keep");
  if (!kept) return context.report(kept.error());
  auto input = read_input(context, args.input(0, "-"));
  if (!input) return context.report(input.error());
  if (auto made = make_binary(context, *input); !made) return context.report(made.error());
  const bool all = args.has("all");
  std::set<std::string, std::less<>> sections;
  auto stripped = drop_custom_sections(input->bytes, input->source, [&](std::string_view name) {
    sections.emplace(name);
    if (any_matches(*kept, name)) return false;
    if (!deleted->empty()) return any_matches(*deleted, name);
    return all || !is_kept_by_default(name);
  });
  if (!stripped) return context.report(stripped.error());
  for (const std::string_view option : {"delete", "keep"})
    note_idle_patterns(context, args, option, option == "delete" ? *deleted : *kept, sections);
  if (context.verbosity > 0) {
    context.say(fmt::format("{} bytes, {} less than before", stripped->size(),
                            input->bytes.size() - stripped->size()));
  }
  if (!args.has("wat")) return write_binary(context, args.value("output"), *stripped);
  input->bytes = *std::move(stripped);
  return write_text(context, args.value("output"),
                    [&](const text::TextSink& sink) { return print_input(*input, {}, sink); });
}

}  // namespace

constinit const Verb verbs::strip{
    .name = "strip",
    .usage = "[INPUT] [-o OUT]",
    .summary = "drop custom sections, also inside the core modules of a component",
    .options = options,
    .max_inputs = 1,
    .takes = "@wasm",
    .run = run,
    .more =
        "Without options names, `component-type` and `dylink.0` stay; debugging information, "
        "producers and\n"
        "everything else goes.\n"};

}  // namespace tenon::cli
