// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/resource.h"

#include <atomic>

namespace tenon::runtime {

// Generations are unique in the process, so that a handle needs no name of its store. Each table
// takes a block of them: stores on different threads meet here once in so many handles.
void HostTable::more_generations() {
  constexpr std::uint64_t block = 1U << 16U;
  static std::atomic<std::uint64_t> next = 1;
  next_generation_ = next.fetch_add(block, std::memory_order_relaxed);
  end_generation_ = next_generation_ + block;
}

const char* HostTable::look_at(HostHandle h, const ResourceType* rt, bool own) {
  if (h.generation == 0) return "an empty handle: it was moved from, released or never set";
  auto* e = get(h);
  if (e == nullptr) return "a resource that was dropped or given away, or that another store holds";
  if (e->rt != rt) return "a resource of another type";
  const bool again = e->look == look_;
  if (own && !e->own) return "a borrowed resource as own";
  if (own && (e->num_lends != 0 || (again && !e->given)))
    return "as own a resource that is lent: cannot remove owned resource while borrowed";
  if (again && e->given) return "a resource that the same call gives away";
  e->look = look_;
  e->given = own;
  return nullptr;
}

void HostTable::enqueue(HostHandle h, Queue& queue) {
  auto& e = entries_[h.index];
  e.generation = 0;
  // In a queue the lends are the next place.
  e.num_lends = 0;
  --size_;
  if (queue.empty())
    queue.first = h.index + 1;
  else
    entries_[queue.last - 1].num_lends = h.index + 1;
  queue.last = h.index + 1;
}

HostTable::Entry HostTable::dequeue(Queue& queue) {
  const auto i = queue.first;
  auto& e = entries_[i - 1];
  const Entry out = e;
  queue.first = e.num_lends;
  e.rep = free_;
  free_ = i;
  return out;
}

void HostObjects::remove(std::uint32_t rep) {
  auto& e = entries_[rep - 1];
  e.object = nullptr;
  e.destroy = nullptr;
  e.shared = nullptr;
  e.next = free_;
  free_ = rep;
  --size_;
}

void* HostObjects::take(std::uint32_t rep) {
  auto* object = get(rep);
  if (object == nullptr) return nullptr;
  if (const auto& shared = entries_[rep - 1].shared; shared != nullptr) {
    auto* holder = std::get_deleter<Releasing>(shared);
    if (shared.use_count() != 1 || holder == nullptr) return nullptr;
    holder->released = true;
  }
  remove(rep);
  return object;
}

std::shared_ptr<void> HostObjects::share(std::uint32_t rep) {
  if (get(rep) == nullptr) return nullptr;
  auto& e = entries_[rep - 1];
  if (e.destroy != nullptr) {
    // Harmless until it is made: when there is no memory the object stays as it was.
    e.shared = std::shared_ptr<void>(e.object, Releasing{e.destroy, true});
    std::get_deleter<Releasing>(e.shared)->released = false;
    e.destroy = nullptr;
  }
  return e.shared;
}

void HostObjects::destroy(std::uint32_t rep) {
  if (get(rep) == nullptr) return;
  // The place is free when the destructor runs, which may need one.
  const auto entry = std::move(entries_[rep - 1]);
  remove(rep);
  if (entry.destroy != nullptr) entry.destroy(entry.object);
}

}  // namespace tenon::runtime
