// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/features.h"
#include "tenon/testing/wast_host.h"

namespace tenon::testing {

/// What the public suites call the rules of this house: the texts that `assert_invalid` and its kin
/// expect, by rule id. Test data: tests/spec/wording.tsv.
class Wordings {
 public:
  /// Lines of `rule-id<TAB>wording`, a rule as often as it has wordings; `#` begins a comment.
  [[nodiscard]] static Result<Wordings> parse(std::string_view table, std::uint32_t source = 0);
  /// The table that stood in the source tree when this was built.
  static const Wordings& built_in();

  /// Whether an error is what the expected text means: core suites expect a prefix, component
  /// suites a part.
  [[nodiscard]] bool match(const Error& error, std::string_view expected, bool component) const;
  /// The same for what a host says.
  [[nodiscard]] static bool match(std::string_view message, std::string_view expected);

 private:
  std::multimap<std::string, std::string, std::less<>> by_rule_;
};

/// The gates that `tenon wast` opens: Wasm 3.0, async components, and what the component suite's
/// README names.
[[nodiscard]] core::Features wast_features();

struct WastOptions {
  core::Features features = wast_features();
  /// Null: expected texts are not compared.
  const Wordings* wordings = &Wordings::built_in();
  WastHosts hosts;
  /// How long a script waits, at most, for a new thread to end before its next command; a thread
  /// that blocks or takes longer runs beside what follows. Any order of threads is right, but
  /// `LB.wast` and `SB.wast` of the proposal `threads` take one for wrong that they mean to allow:
  /// where a later thread runs wholly before an earlier one, L_0 is 1 and L_1 is 0, and the second
  /// line of their checks reads L_0 where it names L_1. Zero: threads race from the start.
  std::chrono::nanoseconds head_start = std::chrono::milliseconds(100);
};

/// What became of a script: a verdict for every command.
struct WastReport {
  std::uint32_t passed = 0;
  std::uint32_t failed = 0;
  std::uint32_t skipped = 0;
  /// One for each failed command, at its place.
  std::vector<Error> failures;
  /// One for each skipped command.
  struct Skip {
    Span span;
    std::string reason;
  };
  std::vector<Skip> skips;

  [[nodiscard]] std::string totals() const;
  /// How many commands were skipped for which reason.
  [[nodiscard]] std::map<std::string, std::uint32_t> skip_reasons() const;
  void add(const WastReport& other);
};

/// Carries a script out. An error only when the script itself cannot be read.
/// Spec: interpreter README "Scripts".
[[nodiscard]] Result<WastReport> run_wast(std::string_view text, std::uint32_t source,
                                          const WastOptions& options);

}  // namespace tenon::testing
