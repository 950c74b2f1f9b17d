// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/name_section.h"

#include <algorithm>

namespace tenon::text {

bool NameSection::empty() const {
  return !has_module_ &&
         std::ranges::all_of(flat_, [](const auto& entries) { return entries.empty(); });
}

void NameSection::encode(Writer& out) const {
  for (std::size_t k = 0; k < num_kinds; ++k) {
    Writer sub;
    const auto& entries = flat_[k];
    if (k == 0) {
      if (!has_module_) continue;
      sub.name(module_);
    } else if (entries.empty()) {
      continue;
    } else if (!is_indirect(static_cast<Kind>(k))) {
      sub.u32(static_cast<std::uint32_t>(entries.size()));
      for (const Entry& entry : entries) {
        sub.u32(entry.index);
        sub.name(entry.name);
      }
    } else {
      std::uint32_t groups = 0;
      for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i == 0 || entries[i].outer != entries[i - 1].outer) ++groups;
      }
      sub.u32(groups);
      for (std::size_t i = 0; i < entries.size();) {
        std::size_t end = i;
        while (end < entries.size() && entries[end].outer == entries[i].outer) ++end;
        sub.u32(entries[i].outer);
        sub.u32(static_cast<std::uint32_t>(end - i));
        for (; i < end; ++i) {
          sub.u32(entries[i].index);
          sub.name(entries[i].name);
        }
      }
    }
    out.u8(static_cast<std::uint8_t>(k));
    out.sized_bytes(sub.view());
  }
}

}  // namespace tenon::text
