// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::testing {

enum class Status : std::uint8_t { passed, failed, skipped };

/// What became of one case.
struct Verdict {
  std::string file;
  std::string name;
  Status status = Status::passed;
  double milliseconds = 0;
  /// Why it failed or was skipped; lines, without an end.
  std::string message;
  /// What the guest wrote and neither the case nor the message quotes: lines behind `stdout: ` and
  /// `stderr: `, each with its end.
  std::string output;
};

struct Report {
  std::vector<Verdict> verdicts;
  double milliseconds = 0;
  /// Names of the cases that the filter left out.
  std::vector<std::string> left_out;
  /// How many cases other shards have.
  std::size_t in_other_shards = 0;
  /// What is worth saying and no failure, such as a mock that this component does not need.
  std::vector<std::string> notes;

  [[nodiscard]] std::size_t count(Status status) const;
  /// "3 passed, 1 failed", ", 2 skipped" when there are any.
  [[nodiscard]] std::string totals() const;
};

/// As a person reads it: failures in full, the rest a line each when `all`; the last line is
/// `totals`.
[[nodiscard]] std::string report_text(const Report& report, bool all, bool color);
/// Test Anything Protocol, version 14.
[[nodiscard]] std::string report_tap(const Report& report);
/// The XML that continuous integration reads.
[[nodiscard]] std::string report_junit(const Report& report);
/// One object: `{ "passed", "failed", "skipped", "milliseconds", "cases": […] }`.
[[nodiscard]] std::string report_json(const Report& report);

}  // namespace tenon::testing
