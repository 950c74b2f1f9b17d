// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include "descriptors.h"

namespace adapter {

void* allocate(size_t size) {
  constexpr size_t align = 16;
  const uint32_t before = allocation();
  set_allocation(1);
  void* const out = main_realloc(nullptr, 0, align, size);
  set_allocation(before);
  if (out == nullptr) __builtin_trap();
  return out;
}

void* Arena::reallocate(void* old, size_t old_size, size_t align, size_t size) {
  constexpr size_t chunk = 16 * 1024;
  // The last one can change its size where it is.
  uint8_t* const from = old != nullptr && old == last ? last : next;
  const auto padding = static_cast<size_t>(-reinterpret_cast<uintptr_t>(from)) & (align - 1);
  const auto left = static_cast<size_t>(end - from);
  uint8_t* at = from + padding;
  if (padding > left || size > left - padding) {
    if (!grows) __builtin_trap();
    // Twice the old one, so that all of them together are no more than twice what is in use.
    const size_t wanted = most(most(size, chunk), 2 * static_cast<size_t>(end - begin));
    at = begin = static_cast<uint8_t*>(allocate(wanted));
    end = at + wanted;
  }
  if (old != nullptr && at != old) copy(at, old, least(old_size, size));
  last = at;
  next = at + size;
  return at;
}

State& state() {
  auto* found = static_cast<State*>(state_pointer());
  if (found == nullptr) {
    found = static_cast<State*>(allocate(sizeof(State)));
    clear(found, sizeof(State));
    found->kept.grows = true;
    found->scratch.grows = true;
    set_state_pointer(found);
  }
  return *found;
}

Arena& scratch() {
  State& s = state();
  if (s.scratch.begin == nullptr) {
    constexpr size_t size = 4096;
    s.scratch.begin = static_cast<uint8_t*>(allocate(size));
    s.scratch.end = s.scratch.begin + size;
  }
  s.scratch.last = nullptr;
  s.scratch.next = s.scratch.begin;
  return s.scratch;
}

}  // namespace adapter

/// For results of imports: a host calls it while the adapter waits for the host.
extern "C" __attribute__((export_name("cabi_import_realloc"))) void* cabi_import_realloc(
    void* old, size_t old_size, size_t align, size_t size) {
  adapter::Arena* const taker = adapter::state().taker;
  if (taker == nullptr) __builtin_trap();
  return taker->reallocate(old, old_size, align, size);
}

namespace adapter {
namespace {

template <class T>
void move(T*& pointer, uint32_t by) {
  if (pointer != nullptr) pointer = reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(pointer) + by);
}

void move(Arena& arena, uint32_t by) {
  move(arena.begin, by);
  move(arena.last, by);
  move(arena.next, by);
  move(arena.end, by);
}

void move(Reader& reader, uint32_t by) {
  move(reader.name, by);
  move(reader.pending.name.data, by);
  move(reader.next_free, by);
}

}  // namespace
}  // namespace adapter

/// The adapter's pages have gone up (globals.s). No host is being called, and nothing is on the
/// stack: what is left are the pointers in the state.
extern "C" void adapter_moved(uint32_t by) {
  using namespace adapter;
  auto* found = static_cast<State*>(state_pointer());
  if (found == nullptr) return;
  move(found, by);
  set_state_pointer(found);
  State& s = *found;
  move(s.kept, by);
  move(s.scratch, by);
  move(s.arguments.data, by);
  for (uint32_t i = 0; i < s.arguments.size; ++i) move(s.arguments.data[i].data, by);
  move(s.environment.data, by);
  for (uint32_t i = 0; i < s.environment.size; ++i) {
    move(s.environment.data[i].name.data, by);
    move(s.environment.data[i].value.data, by);
  }
  move(s.descriptors, by);
  for (uint32_t i = 0; i < s.size; ++i) {
    move(s.descriptors[i].name.data, by);
    move(s.descriptors[i].reader, by);
    if (s.descriptors[i].reader != nullptr) move(*s.descriptors[i].reader, by);
  }
  move(s.closed_folders, by);
  for (ClosedFolder* c = s.closed_folders; c != nullptr; c = c->next) {
    move(c->name.data, by);
    move(c->next, by);
  }
  move(s.free_readers, by);
  for (Reader* r = s.free_readers; r != nullptr; r = r->next_free) move(*r, by);
}
