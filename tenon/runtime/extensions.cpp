// SPDX-License-Identifier: Apache-2.0
// A small open-addressing table, because host functions look their extension up on every call.
// Memory is reserved before anything is changed.
#include "tenon/runtime/extensions.h"

#include "tenon/base/narrow.h"

namespace tenon::runtime {

Extensions::Entry& Extensions::entry_of(const ExtensionType& type) {
  if (!slots_.empty()) {
    const auto mask = slots_.size() - 1;
    auto i = hash(type) & mask;
    while (slots_[i] != 0 && entries_[slots_[i] - 1].type != &type) i = (i + 1) & mask;
    if (slots_[i] != 0) return entries_[slots_[i] - 1];
  }
  entries_.reserve(entries_.size() + 1);
  if (slots_.size() < 2 * (entries_.size() + 1)) {
    slots_ = std::vector<std::uint32_t>(slots_.empty() ? 4 : 2 * slots_.size());
    for (std::size_t n = 0; n < entries_.size(); ++n) insert(n);
  }
  entries_.push_back({&type, nullptr, nullptr});
  insert(entries_.size() - 1);
  return entries_.back();
}

void Extensions::insert(std::size_t n) {
  const auto mask = slots_.size() - 1;
  auto i = hash(*entries_[n].type) & mask;
  while (slots_[i] != 0) i = (i + 1) & mask;
  slots_[i] = narrow<std::uint32_t>(n + 1);
}

}  // namespace tenon::runtime
