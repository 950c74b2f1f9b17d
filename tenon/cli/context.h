// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"

namespace tenon::cli {

/// How the program ends. Spec: docs/cli.md "Exit codes".
enum Exit : int {
  exit_ok = 0,
  /// Something about a given input: unreadable, invalid, a test failed.
  exit_findings = 1,
  exit_usage = 2,
  /// Output cannot be written, or an internal failure.
  exit_internal = 3,
  /// A required protection is not there.
  exit_no_protection = 78,
  /// The guest trapped, ran out of fuel or of time.
  exit_trap = 134,
};

/// What every verb is given: the inputs' names and texts, and how to speak.
struct Context {
  SourceSet sources;
  /// Files and folders that a build read, which no output may replace.
  std::vector<std::string> built_from;
  /// `--format json`: errors as JSON lines on stderr, reports as JSON on stdout.
  bool json = false;
  bool color_out = false;
  bool color_err = false;
  bool quiet = false;
  int verbosity = 0;

  /// Renders an error on stderr. Returns the exit code that belongs to it.
  int report(const Error& error) const;
  /// Renders all of them; the exit code is 0 when there were warnings only.
  int report(const Diagnostics& diagnostics) const;
  /// A sentence on stderr, unless `-q`.
  void say(std::string_view sentence) const;
  /// A hint that is not an error: `note: …` on stderr, unless `-q`.
  void note(std::string_view sentence) const;
};

}  // namespace tenon::cli
