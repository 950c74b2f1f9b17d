// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::builder {

/// A program to run: `argv[0]` is a path or a name looked up in PATH.
struct Command {
  std::vector<std::string> argv;
  /// Empty: the current folder.
  std::string cwd;
  /// Added to the environment.
  std::vector<std::pair<std::string, std::string>> env;
};

/// How a program ended, and what it wrote to both of its outputs, in order.
struct Outcome {
  /// The exit code; 128 + the signal when one ended it.
  int status = 0;
  std::string output;
  [[nodiscard]] bool ok() const { return status == 0; }
};

/// Runs a program to its end, without a standard input. An error only when it cannot be started.
[[nodiscard]] Result<Outcome> run(const Command& command);

/// Runs several programs, at most `jobs` at a time (0: one per processor). Outcomes are in the
/// order of the commands. After the first failure no further one is started (its outcome stays
/// `status` -1).
[[nodiscard]] Result<std::vector<Outcome>> run_all(const std::vector<Command>& commands,
                                                   unsigned jobs = 0);

/// The path of a program in PATH, or an empty string. A name with a slash is only checked.
[[nodiscard]] std::string find_program(std::string_view name);
/// All programs of that name in PATH, in order, each real file once.
[[nodiscard]] std::vector<std::string> find_programs(std::string_view name);

}  // namespace tenon::builder
