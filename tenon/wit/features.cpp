// SPDX-License-Identifier: Apache-2.0
// Items behind a closed feature are not in the resolved packages, so the tokens of the texts are
// asked: those of the package and of all that it needs.
#include "tenon/wit/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

#include "tenon/wit/lex.h"

namespace tenon::wit {
namespace {

void add_features(const Tokens& tokens, std::set<std::string>& out) {
  constexpr std::array<std::string_view, 5> gate = {"@", "unstable", "(", "feature", "="};
  const auto same = [&](const Token& token, std::string_view word) {
    return tokens.of(token) == word;
  };
  std::span<const Token> rest = tokens.tokens;
  while (true) {
    const auto found = std::ranges::search(rest, gate, same);
    if (found.empty() || found.end() == rest.end()) return;
    rest = {found.end(), rest.end()};
    std::string_view name = tokens.of(rest.front());
    if (name.starts_with('%')) name.remove_prefix(1);
    if (!name.empty()) out.emplace(name);
  }
}

}  // namespace

std::vector<std::string> idle_features(const SourceSet& sources,
                                       const std::vector<std::string>& features) {
  std::vector<std::string> out;
  if (features.empty()) return out;
  std::set<std::string> known;
  Diagnostics ignored;
  for (std::uint32_t source = 0; source < sources.size(); ++source) {
    if (!sources.is_binary(source)) add_features(lex(sources.text(source), source, ignored), known);
  }
  for (const std::string& feature : features) {
    if (known.contains(feature) || feature.starts_with("cm-")) continue;
    out.push_back(fmt::format(
        "no item is behind the feature `{}`; {}", feature,
        known.empty() ? "there are no features here"
                      : fmt::format("the features here are `{}`", fmt::join(known, "`, `"))));
  }
  return out;
}

}  // namespace tenon::wit
