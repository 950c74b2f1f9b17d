// SPDX-License-Identifier: Apache-2.0
// Items behind a closed feature are not in the resolved packages, so the texts are asked: those of
// the package and of all that it needs.
#include "tenon/wit/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace tenon::wit {
namespace {

/// Cuts `word` and the blanks before it from the text's start.
bool take(std::string_view& text, std::string_view word) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

void add_features(std::string_view text, std::set<std::string_view>& out) {
  constexpr std::string_view gate = "@unstable";
  for (auto at = text.find(gate); at != std::string_view::npos; at = text.find(gate, at + 1)) {
    std::string_view rest = text.substr(at + gate.size());
    if (!take(rest, "(") || !take(rest, "feature") || !take(rest, "=")) continue;
    take(rest, "");
    const std::string_view name = rest.substr(0, rest.find_first_of(" \t\r\n)"));
    if (!name.empty()) out.insert(name);
  }
}

}  // namespace

std::vector<std::string> idle_features(const SourceSet& sources,
                                       const std::vector<std::string>& features) {
  std::vector<std::string> out;
  if (features.empty()) return out;
  std::set<std::string_view> known;
  for (std::uint32_t source = 0; source < sources.size(); ++source) {
    if (!sources.is_binary(source)) add_features(sources.text(source), known);
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
