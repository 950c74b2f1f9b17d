// SPDX-License-Identifier: Apache-2.0
// Handles of the host carry a generation that is unique in the process, so that a stale handle or
// one of another store is recognised without looking at that store. A store takes generations in
// blocks that grow, so stores on different threads rarely meet at the counter.
#include "tenon/runtime/resource.h"

#include <algorithm>
#include <atomic>

#include "tenon/runtime/rules.h"

namespace tenon::runtime {

namespace {

/// The length of a table's first block of generations.
constexpr std::uint64_t first_block = 1U << 16U;
/// No block is longer: the numbers of 64 bits must last.
constexpr std::size_t most_doublings = 24;

std::uint64_t length_of(std::size_t block) {
  return first_block << std::min(block, most_doublings);
}

}  // namespace

// Generations are unique in the process, so that a handle needs no name of its store. Each table
// takes a block of them: stores on different threads meet here once in so many handles. Blocks
// grow, so that a table can remember all of its own: a generation that is in none is of another
// store.
void HostTable::more_generations() {
  static std::atomic<std::uint64_t> next = 1;
  blocks_.reserve(blocks_.size() + 1);
  const auto length = length_of(blocks_.size());
  next_generation_ = next.fetch_add(length, std::memory_order_relaxed);
  end_generation_ = next_generation_ + length;
  blocks_.push_back(next_generation_);
}

bool HostTable::gave(std::uint64_t generation) const {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (generation >= blocks_[i] && generation - blocks_[i] < length_of(i)) return true;
  }
  return false;
}

namespace {

constexpr HandleSlip empty{rules::stale_handle,
                           "an empty handle: it was moved from, released or never set"};
constexpr HandleSlip stale{rules::stale_handle,
                           "a handle of a resource that was dropped or given away"};
constexpr HandleSlip foreign{rules::other_store, "a handle that another store holds, or none"};
constexpr HandleSlip other_type{rules::handle_type, "a handle of another resource type"};
constexpr HandleSlip borrowed{rules::lent_handle, "a borrowed resource as own"};
constexpr HandleSlip lent{
    rules::lent_handle,
    "as own a resource that is lent: cannot remove owned resource while borrowed"};
constexpr HandleSlip in_use{rules::lent_handle,
                            "a resource that is lent: cannot remove owned resource while borrowed"};
constexpr HandleSlip twice{rules::lent_handle, "a resource that the same call gives away"};

}  // namespace

const HandleSlip& HostTable::drop_slip(HostHandle h) {
  if (h.generation == 0) return empty;
  if (get(h) != nullptr) return in_use;
  return gave(h.generation) ? stale : foreign;
}

const HandleSlip empty_unique_ptr{rules::stale_handle, "no object: the std::unique_ptr is empty"};
const HandleSlip empty_shared_ptr{rules::stale_handle, "no object: the std::shared_ptr is empty"};
const HandleSlip empty_host_ref{rules::stale_handle, "no object: the HostRef is empty"};
const HandleSlip other_object{rules::handle_type, "an object of another type than its resource"};

const HandleSlip* HostTable::look_at(HostHandle h, const ResourceType* rt, bool own) {
  if (h.generation == 0) return &empty;
  auto* e = get(h);
  if (e == nullptr) return gave(h.generation) ? &stale : &foreign;
  if (e->rt != rt) return &other_type;
  const bool again = e->look == look_;
  if (own && !e->own) return &borrowed;
  if (own && (e->num_lends != 0 || (again && !e->given))) return &lent;
  if (again && e->given) return &twice;
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
