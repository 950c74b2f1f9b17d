// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/waitable.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tenon::runtime {

EventTuple Waitable::get_pending_event() {
  assert(has_pending_event());
  auto event = std::exchange(pending_event, nullptr);
  return event();
}

void Waitable::join(WaitableSet* set) {
  assert(!has_sync_waiter);
  if (wset != nullptr) std::erase(wset->elems, this);
  wset = set;
  if (set != nullptr) set->elems.push_back(this);
}

bool WaitableSet::has_pending_event() const {
  return std::ranges::any_of(elems, [](const Waitable* w) { return w->has_pending_event(); });
}

EventTuple WaitableSet::get_pending_event() {
  const auto it =
      std::ranges::find_if(elems, [](const Waitable* w) { return w->has_pending_event(); });
  assert(it != elems.end());
  return (*it)->get_pending_event();
}

}  // namespace tenon::runtime
