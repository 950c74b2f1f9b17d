// SPDX-License-Identifier: Apache-2.0
#include "descriptors.h"

#include "errors.h"

namespace adapter {
namespace {

Descriptor stdio(Kind kind, uint8_t number) {
  Descriptor out;
  clear(&out, sizeof out);
  out.kind = kind;
  out.stdio = number;
  return out;
}

bool is_same(const String& a, const String& b) {
  if (a.size != b.size) return false;
  for (uint32_t i = 0; i < a.size; ++i)
    if (a.data[i] != b.data[i]) return false;
  return true;
}

void add_preopen(const Preopen& preopen, uint32_t from) {
  Descriptor directory = stdio(Kind::directory, 0);
  directory.is_preopen = true;
  directory.has_handle = true;
  directory.handle = preopen.descriptor;
  directory.name = preopen.name;
  add(directory, from);
}

List<Preopen> get_preopens(State& s) {
  List<Preopen> out;
  const Into kept(s.kept);
  wasi_get_directories(&out);
  return out;
}

/// Whether the program has closed this directory. Of several with one name each counts once.
bool is_closed(State& s, const String& name) {
  for (ClosedFolder* folder = s.closed_folders; folder != nullptr; folder = folder->next) {
    if (folder->is_bound || !is_same(folder->name, name)) continue;
    folder->is_bound = true;
    return true;
  }
  return false;
}

/// Directories that were there when the state of the program was saved keep their numbers, since
/// its libc has them by their paths; those that it had closed stay closed, and what is new comes
/// behind them. A program may have put a directory in the place of a standard stream.
[[maybe_unused]] void bind_again(State& s) {
  s.must_bind = false;
  for (ClosedFolder* folder = s.closed_folders; folder != nullptr; folder = folder->next)
    folder->is_bound = false;
  const List<Preopen> preopens = get_preopens(s);
  for (uint32_t i = 0; i < preopens.size; ++i) {
    uint32_t at = 0;
    while (at < s.size && !(s.descriptors[at].is_preopen && !s.descriptors[at].has_handle &&
                            is_same(s.descriptors[at].name, preopens.data[i].name)))
      ++at;
    if (at == s.size) {
      if (is_closed(s, preopens.data[i].name)) {
        wasi_drop_descriptor(preopens.data[i].descriptor);
      } else {
        add_preopen(preopens.data[i], s.size);
      }
      continue;
    }
    s.descriptors[at].kind = Kind::directory;
    s.descriptors[at].has_handle = true;
    s.descriptors[at].handle = preopens.data[i].descriptor;
  }
  for (uint32_t at = 0; at < s.size; ++at) {
    Descriptor& d = s.descriptors[at];
    if (d.is_preopen && !d.has_handle && d.kind == Kind::directory) d.kind = Kind::lost;
  }
}

/// 0 to 2, then the preopened directories from 3 on: there wasi-libc looks for them.
void open_first(State& s) {
  s.capacity = 16;
  s.descriptors = static_cast<Descriptor*>(allocate(s.capacity * sizeof(Descriptor)));
  add(stdio(Kind::input, 0));
  add(stdio(Kind::output, 1));
  add(stdio(Kind::output, 2));
  if constexpr (has_files) {
    const List<Preopen> preopens = get_preopens(s);
    for (uint32_t i = 0; i < preopens.size; ++i) add_preopen(preopens.data[i], 3);
  }
}

}  // namespace

Descriptor* find(uint32_t fd) {
  State& s = state();
  if (s.descriptors == nullptr) open_first(s);
  if constexpr (has_files) {
    if (s.must_bind) bind_again(s);
  }
  if (fd >= s.size || s.descriptors[fd].kind == Kind::closed ||
      s.descriptors[fd].kind == Kind::lost)
    return nullptr;
  return &s.descriptors[fd];
}

Descriptor* find(uint32_t fd, Kind kind, Errno& error) {
  Descriptor* const found = find(fd);
  if (found != nullptr && found->kind == kind) return found;
  const bool not_a_directory = found != nullptr && kind == Kind::directory;
  error = not_a_directory ? Errno::notdir : Errno::badf;
  return nullptr;
}

uint32_t add(const Descriptor& descriptor, uint32_t from) {
  State& s = state();
  uint32_t at = most(s.first_free, from);
  while (at < s.size && s.descriptors[at].kind != Kind::closed) ++at;
  if (at == s.capacity) {
    const uint32_t capacity = 2 * s.capacity;
    auto* const larger = static_cast<Descriptor*>(allocate(capacity * sizeof(Descriptor)));
    copy(larger, s.descriptors, s.size * sizeof(Descriptor));
    s.descriptors = larger;
    s.capacity = capacity;
  }
  s.descriptors[at] = descriptor;
  s.size = most(s.size, at + 1);
  if (s.first_free >= from) s.first_free = at + 1;
  return at;
}

Handle input_of(Descriptor& descriptor) {
  if (!descriptor.has_handle) descriptor.handle = wasi_get_stdin();
  descriptor.has_handle = true;
  return descriptor.handle;
}

Handle output_of(Descriptor& descriptor) {
  if (!descriptor.has_handle)
    descriptor.handle = descriptor.stdio == 1 ? wasi_get_stdout() : wasi_get_stderr();
  descriptor.has_handle = true;
  return descriptor.handle;
}

void stop_reading(Descriptor& descriptor) {
  if constexpr (has_files) {
    Reader* const reader = descriptor.reader;
    if (reader == nullptr) return;
    if (reader->is_open) wasi_drop_entries(reader->entries);
    forget_reader(descriptor);
  }
}

void forget_reader(Descriptor& descriptor) {
  Reader* const reader = descriptor.reader;
  reader->is_open = false;
  descriptor.reader = nullptr;
  State& s = state();
  reader->next_free = s.free_readers;
  s.free_readers = reader;
}

namespace {

/// So that it is not there again after an initialisation.
[[maybe_unused]] void note_closed(const Descriptor& folder) {
  State& s = state();
  void* const at = s.kept.reallocate(nullptr, 0, alignof(ClosedFolder), sizeof(ClosedFolder));
  auto* const closed = static_cast<ClosedFolder*>(at);
  closed->name = folder.name;
  closed->next = s.closed_folders;
  closed->is_bound = false;
  s.closed_folders = closed;
}

}  // namespace

void close(Descriptor& descriptor) {
  if constexpr (has_files) {
    if (descriptor.is_preopen) note_closed(descriptor);
  }
  switch (descriptor.kind) {
    case Kind::closed:
    case Kind::lost:
      return;
    case Kind::input:
      if (descriptor.has_handle) wasi_drop_input(descriptor.handle);
      break;
    case Kind::output:
      if (descriptor.has_handle) wasi_drop_output(descriptor.handle);
      break;
    case Kind::file:
    case Kind::directory:
      stop_reading(descriptor);
      if constexpr (has_files) wasi_drop_descriptor(descriptor.handle);
      break;
  }
  State& s = state();
  descriptor.kind = Kind::closed;
  descriptor.is_preopen = false;
  s.first_free = least(s.first_free, static_cast<uint32_t>(&descriptor - s.descriptors));
}

}  // namespace adapter
