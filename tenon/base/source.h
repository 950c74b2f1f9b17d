// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon {

/// Lines and columns begin at 1; a column counts scalar values. A binary source has line 0 and its
/// byte offset as the column.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Names and texts of the inputs that spans point into. Several threads may read, while nobody
/// adds.
class SourceSet {
 public:
  /// Adds a text; the set keeps a copy. Returns the number that spans carry.
  std::uint32_t add(std::string name, std::string text);
  /// Adds a binary input: only its name is kept, places are byte offsets.
  std::uint32_t add_binary(std::string name);

  [[nodiscard]] std::string_view name(std::uint32_t source) const;
  [[nodiscard]] std::string_view text(std::uint32_t source) const;
  [[nodiscard]] bool is_binary(std::uint32_t source) const;
  [[nodiscard]] std::size_t size() const { return sources_.size(); }
  [[nodiscard]] Position position(std::uint32_t source, std::uint32_t offset) const;
  /// The line (without its end) that holds `offset`.
  [[nodiscard]] std::string_view line(std::uint32_t source, std::uint32_t offset) const;

 private:
  struct Source {
    std::string name;
    std::string text;
    bool binary = false;
    std::vector<std::uint32_t> line_starts;
    /// Scalar values before each block of the text: a column in a line of megabytes is found
    /// without counting from its start.
    std::vector<std::uint32_t> scalars_before;
  };
  static std::uint32_t scalars_before(const Source& source, std::uint32_t offset);
  std::deque<Source> sources_;
};

struct RenderOptions {
  bool color = false;
};

/// An error as a person reads it: `error[rule-id]: what`, `--> file:line:col`, the line with a
/// caret, notes, help. Ends in a newline. Control characters of the input are shown escaped.
[[nodiscard]] std::string render(const Error& error, const SourceSet& sources,
                                 const RenderOptions& options = {});
/// The same as one JSON object on one line:
/// `{code, severity, message, labels:[…], notes, help, fixes:[…]}`. Ends in a newline.
[[nodiscard]] std::string render_json(const Error& error, const SourceSet& sources);

}  // namespace tenon
