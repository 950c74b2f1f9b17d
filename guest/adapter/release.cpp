// SPDX-License-Identifier: Apache-2.0
// For `tenon preinit`, which saves the state of a program: handles mean nothing to the next one who
// starts it, so the adapter forgets those that it can fetch again. It calls no import for that, so
// a program imports nothing more because of it: whoever calls drops the handles that it is told.
#include "descriptors.h"

namespace adapter {
namespace {

/// What `adapter_release` says of a number, in the upper half; in the lower half a handle.
enum class Released : uint32_t {
  /// It holds no handle (any more).
  nothing,
  /// This handle was forgotten. There may be another one.
  forgotten,
  /// The program opened it.
  of_program,
  /// No number is as high. In place of a handle: whether the program has read its directories.
  end,
};

uint64_t answer(Released what, uint32_t value = 0) {
  return static_cast<uint64_t>(what) << 32U | value;
}

uint64_t forget_handle(Descriptor& d) {
  if (!d.has_handle) return answer(Released::nothing);
  d.has_handle = false;
  return answer(Released::forgotten, d.handle);
}

[[maybe_unused]] uint64_t release_directory(Descriptor& d) {
  if (!d.is_preopen) return answer(Released::of_program, d.handle);
  if (d.reader == nullptr) return forget_handle(d);
  const bool is_open = d.reader->is_open;
  const Handle entries = d.reader->entries;
  forget_reader(d);
  return is_open ? answer(Released::forgotten, entries) : forget_handle(d);
}

/// Directories are asked for again: those that the program knows keep their numbers.
uint64_t release_end(State& s) {
  if constexpr (has_files) {
    bool is_known = s.folders_read || s.folders_moved || s.closed_folders != nullptr;
    for (uint32_t i = 3; i < s.size; ++i)
      is_known =
          is_known || (s.descriptors[i].kind != Kind::closed && !s.descriptors[i].is_preopen);
    s.must_bind = true;
    if (!is_known) {
      s.size = least(s.size, 3U);
      s.first_free = least(s.first_free, s.size);
    }
  }
  return answer(Released::end, s.folders_read ? 1 : 0);
}

}  // namespace
}  // namespace adapter

/// Called for 0, 1, … and for each again until there is nothing more, up to the end.
extern "C" __attribute__((export_name("tenon:adapter-release"))) uint64_t
adapter_release(uint32_t fd) {
  using namespace adapter;
  auto* const s = static_cast<State*>(state_pointer());
  if (s == nullptr || s->descriptors == nullptr) return answer(Released::end);
  if (fd >= s->size) return release_end(*s);
  Descriptor& d = s->descriptors[fd];
  switch (d.kind) {
    case Kind::closed:
    case Kind::lost:
      return answer(Released::nothing);
    case Kind::input:
    case Kind::output:
      return forget_handle(d);
    case Kind::file:
      return answer(Released::of_program, d.handle);
    case Kind::directory:
      if constexpr (has_files) return release_directory(d);
      return answer(Released::nothing);
  }
  return answer(Released::nothing);
}
