// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "tenon/base/ascii.h"

namespace tenon {
namespace {

constexpr std::size_t longest_name = 200;

std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows) row.assign(b.size() + 1, 0);
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = rows[i % 3];
    const auto& last = rows[(i - 1) % 3];
    const auto& before = rows[(i + 1) % 3];
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({change, last[j] + 1, now[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > longest_name) return {};
  std::string_view best;
  std::size_t best_distance = name.size() / 3 + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > name.size() + best_distance ||
        name.size() > candidate.size() + best_distance) {
      continue;
    }
    const std::size_t d = distance(name, candidate);
    // A candidate that shares no more than its length is no likely meaning.
    if (d > best_distance || d >= candidate.size()) continue;
    if (d < best_distance || best.empty()) best = candidate;
    best_distance = d;
  }
  return best;
}

std::string to_kebab(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '_' || c == '-') {
      if (!out.empty() && out.back() != '-') out += '-';
      continue;
    }
    // `fooBar`, and the last capital of `HTTPServer`.
    const bool boundary = is_upper(c) && i > 0 &&
                          (is_lower(name[i - 1]) ||
                           (is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1])));
    if (boundary && !out.empty() && out.back() != '-') out += '-';
    out += to_lower(c);
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

}  // namespace tenon
