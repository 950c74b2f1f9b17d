// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tenon/base/json.h"
#include "tenon/base/safe_text.h"
#include "tenon/builder/toolchain.h"
#include "tenon/cli/command.h"
#include "tenon/cli/output.h"

namespace tenon::cli {
namespace {

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

int run(Context& context, const Args& /*args*/) {
  const std::vector<builder::Finding> findings = builder::examine();
  std::string out;
  for (const builder::Finding& finding : findings) {
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
  return write_text(context, std::nullopt, out);
}

}  // namespace

constinit const Verb verbs::doctor{
    .name = "doctor",
    .usage = "",
    .summary = "which guest compilers are there, what each enables, what is missing",
    .options = {},
    .max_inputs = 0,
    .run = run};

}  // namespace tenon::cli
