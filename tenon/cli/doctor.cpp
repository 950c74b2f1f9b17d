// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/project.h"
#include "tenon/builder/toolchain.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

constexpr std::string_view usage = std::string_view(
#define TENON_LANGUAGE(name) " [" #name "]"
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
                                       )
                                       .substr(1);

std::string_view mark(builder::Finding::State state) {
  switch (state) {
    case builder::Finding::State::good:
      return "ok";
    case builder::Finding::State::missing:
      return "missing";
    case builder::Finding::State::info:
      return "note";
  }
  return {};
}

/// The languages that were named.
Result<std::vector<builder::Lang>> languages_of(const Args& args) {
  std::vector<builder::Lang> out;
  for (const std::string& name : args.inputs()) {
    const auto lang = builder::parse_lang(name);
    if (!lang) {
      const auto meant = builder::meant_lang(name);
      std::string choices(builder::lang_choices);
      for (auto at = choices.find('|'); at != std::string::npos; at = choices.find('|', at))
        choices.replace(at, 1, ", ");
      return std::unexpected(usage_error(fmt::format("`{}` is not a language of guests", name),
                                         meant ? fmt::format("write `{}`", to_string(*meant))
                                               : fmt::format("one of {}", choices)));
    }
    out.push_back(*lang);
  }
  return out;
}

/// What all the missing parts take, as one line to type; empty when nothing is missing.
std::string mend_all(std::span<const builder::Finding> findings) {
  constexpr std::string_view install = "apt-get install ";
  std::string packages;
  for (const builder::Finding& finding : findings) {
    if (finding.state != builder::Finding::State::missing) continue;
    if (finding.mend.starts_with(install)) packages += " " + finding.mend.substr(install.size());
  }
  return packages.empty() ? std::string() : fmt::format("apt-get install{}", packages);
}

int run(Context& context, const Args& args) {
  const auto languages = languages_of(args);
  if (!languages) return context.report(languages.error());
  const std::vector<builder::Finding> findings = builder::examine(*languages);
  std::string out;
  bool missing = false;
  for (const builder::Finding& finding : findings) {
    missing = missing || finding.state == builder::Finding::State::missing;
    if (context.json) {
      out += fmt::format("{{\"state\":{},\"what\":{},\"detail\":{},\"mend\":{}}}\n",
                         Json::quote(mark(finding.state)), Json::quote(finding.what),
                         Json::quote(finding.detail), Json::quote(finding.mend));
    } else {
      out +=
          fmt::format("{:<8} {}: {}\n", mark(finding.state), finding.what, visible(finding.detail));
      if (!finding.mend.empty()) out += fmt::format("{:<8} {}\n", "", visible_lines(finding.mend));
    }
  }
  if (const std::string mend = mend_all(findings); !mend.empty() && !context.json)
    out += fmt::format("\nwhat is missing, on Debian: {}\n", mend);
  const int code = write_text(context, std::nullopt, out);
  return code == exit_ok && missing ? exit_findings : code;
}

}  // namespace

constinit const Verb verbs::doctor{
    .name = "doctor",
    .usage = usage,
    .summary = "which guest compilers are there, what each enables, what is missing",
    .options = {},
    .max_inputs = any_number,
    .takes = builder::lang_choices,
    .run = run,
    .more = "Of the languages that are named, or of all. Ends with 1 when something is missing.\n"};

}  // namespace tenon::cli
