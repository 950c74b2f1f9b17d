// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tenon/testing/rules.h"
#include "tenon/testing/run_wast.h"
#include "tenon/testing/wording_table.h"

namespace tenon::testing {

Result<Wordings> Wordings::parse(std::string_view table, std::uint32_t source) {
  Wordings out;
  std::size_t at = 0;
  while (at < table.size()) {
    const std::size_t end = std::min(table.find('\n', at), table.size());
    const std::string_view line = table.substr(at, end - at);
    const Span span{source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
    at = end + 1;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) {
      return std::unexpected(Error(rules::wording_line, span, fmt::format("found `{}`", line)));
    }
    out.by_rule_.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return out;
}

const Wordings& Wordings::built_in() {
  static const Wordings table = Wordings::parse(wording_table).value_or(Wordings{});
  return table;
}

bool Wordings::match(std::string_view message, std::string_view expected) {
  return message.find(expected) != std::string_view::npos;
}

bool Wordings::match(const Error& error, std::string_view expected, bool component) const {
  if (match(error.text(), expected)) return true;
  auto [begin, end] = by_rule_.equal_range(error.rule().id);
  for (; begin != end; ++begin) {
    const std::string_view wording = begin->second;
    // A wording may be the general part of what a suite expects in particular, and the other way
    // round.
    if (component ? wording.find(expected) != std::string_view::npos ||
                        expected.find(wording) != std::string_view::npos
                  : wording.starts_with(expected) || expected.starts_with(wording)) {
      return true;
    }
  }
  return false;
}

}  // namespace tenon::testing
