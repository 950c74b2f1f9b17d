// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::bindgen {

/// Writes indented lines into a string that it owns. Two spaces a level.
class Emit {
 public:
  /// `unit` is the indentation of one level.
  explicit Emit(std::string_view unit = "  ") : unit_(unit) {}

  /// One line at the present depth. Text with newlines gives several lines, each indented.
  Emit& line(std::string_view text);
  /// A line without indentation (preprocessor directives).
  Emit& flush_left(std::string_view text);
  /// An empty line, unless the last one is empty or nothing was written yet.
  Emit& blank();
  /// A line, then one level deeper.
  Emit& open(std::string_view text);
  /// One level back, then a line.
  Emit& close(std::string_view text = "}");
  Emit& indent();
  Emit& dedent();
  /// A documentation comment: each line of `text` behind `mark`. Nothing for an empty text. The
  /// text may be a stranger's: what any compiler or editor takes for the end of a line ends one
  /// here, and nothing joins a line with the next.
  Emit& docs(std::string_view text, std::string_view mark = "///");
  /// Text as it is, without indentation.
  Emit& raw(std::string_view text);

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void indented(std::string_view text);

  std::string out_;
  std::string unit_;
  std::size_t depth_ = 0;
};

}  // namespace tenon::bindgen
