// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/context.h"

#include <fmt/format.h>

#include <cstdio>

#include "tenon/base/rules.h"
#include "tenon/base/safe_text.h"
#include "tenon/cli/rules.h"

namespace tenon::cli {

int Context::report(const Error& error) const {
  const std::string text = json ? render_json(error, sources) : render(error, sources, {color_err});
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (error.severity() == Severity::warning) return exit_ok;
  if (error.rule() == rules::usage || error.rule() == rules::unknown_verb ||
      error.rule() == rules::not_built)
    return exit_usage;
  if (error.rule() == tenon::rules::file_unwritable || error.rule() == rules::binary_to_terminal) {
    return exit_internal;
  }
  return exit_findings;
}

int Context::report(const Diagnostics& diagnostics) const {
  int code = exit_ok;
  for (const Error& error : diagnostics.all()) {
    const int own = report(error);
    if (own > code) code = own;
  }
  if (diagnostics.dropped() != 0) note(fmt::format("{} more are not shown", diagnostics.dropped()));
  return code;
}

void Context::say(std::string_view sentence) const {
  if (!quiet) fmt::print(stderr, "{}\n", visible_lines(sentence));
}

void Context::note(std::string_view sentence) const {
  if (!quiet) fmt::print(stderr, "note: {}\n", visible_lines(sentence));
}

}  // namespace tenon::cli
