// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/lex.h"

namespace tenon::wit {

/// Finds the fixes of what `lint` warns of, from the tokens around the name that is blamed. Files
/// are cut into tokens once, when the first fix in them is asked for.
class Mender {
 public:
  explicit Mender(const SourceSet& sources) : sources_(sources) {}

  /// Takes a name out of the list of a `use`, or the whole `use` when it is alone there. `local` is
  /// the name as it is known afterwards. Nothing when that would lose a comment.
  [[nodiscard]] std::optional<Fix> without_use(Span local);
  /// Takes the statement that holds a token out, from its first word to the `;`.
  [[nodiscard]] std::optional<Fix> without_statement(Span inside);
  /// Puts a gate before the item of that name.
  [[nodiscard]] std::optional<Fix> with_gate(Span name, std::string_view gate);

 private:
  const Tokens& tokens(std::uint32_t source);
  std::optional<std::size_t> at(Span name);
  std::optional<Fix> cut(const Tokens& tokens, std::size_t first, std::size_t last);

  const SourceSet& sources_;
  std::map<std::uint32_t, Tokens> tokens_;
};

/// Applies the fixes of errors and warnings to one source's text. The fixes of one error are
/// applied together or not at all; of two that overlap the first counts.
[[nodiscard]] std::string apply_fixes(std::string_view text, std::uint32_t source,
                                      const std::vector<Error>& errors);

}  // namespace tenon::wit
