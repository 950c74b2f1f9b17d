// SPDX-License-Identifier: Apache-2.0
// preview1 reads a directory by places in it, 0.2 from beginning to end. A reader goes along with
// the program and keeps the entry that did not fit; only a program that goes back makes it begin
// anew.
#include "errors.h"
#include "files.h"

#ifdef ADAPTER_FILES

namespace adapter {
namespace {

Reader* new_reader() {
  State& s = state();
  Reader* out = s.free_readers;
  if (out != nullptr) {
    s.free_readers = out->next_free;
    return out;
  }
  out = static_cast<Reader*>(allocate(sizeof(Reader)));
  clear(out, sizeof *out);
  out->name.grows = true;
  return out;
}

/// Makes `pending` the next entry; `end` when there is none.
Errno read_entry(const Descriptor& d, Reader& reader, bool& end) {
  constexpr uint64_t own_names = 2;
  if (reader.has_pending) return Errno::success;
  if (reader.cookie < own_names) {
    // `.` and `..`, out of the two bytes before the names of others.
    reader.name.next = reader.name.begin;
    const Into into(reader.name);
    auto* const name = static_cast<char*>(reader.name.reallocate(nullptr, 0, 1, 2));
    name[0] = '.';
    name[1] = '.';
    reader.pending = {DescriptorType::directory, {name, static_cast<uint32_t>(reader.cookie) + 1}};
    reader.has_pending = true;
    return Errno::success;
  }
  if (!reader.is_open) {
    Outcome<Handle> entries;
    wasi_read_directory(d.handle, &entries);
    if (entries.failed) return errno_of(entries.code);
    reader.entries = entries.value;
    reader.is_open = true;
  }
  reader.name.next = reader.name.begin;
  reader.name.last = nullptr;
  Outcome<MaybeEntry> entry;
  {
    const Into into(reader.name);
    wasi_read_entry(reader.entries, &entry);
  }
  if (entry.failed) return errno_of(entry.code);
  end = !entry.value.has;
  reader.has_pending = entry.value.has;
  reader.pending = entry.value.value;
  return Errno::success;
}

/// Brings the reader to a place.
Errno seek(const Descriptor& d, Reader& reader, uint64_t cookie) {
  if (cookie < reader.cookie) {
    if (reader.is_open) wasi_drop_entries(reader.entries);
    reader.is_open = false;
    reader.has_pending = false;
    reader.cookie = 0;
  }
  for (bool end = false; reader.cookie < cookie;) {
    if (const Errno error = read_entry(d, reader, end); error != Errno::success) return error;
    if (end) return Errno::success;
    reader.has_pending = false;
    ++reader.cookie;
  }
  return Errno::success;
}

/// The number of what an entry names: the same that `path_filestat_get` says. Of the parent, which
/// a path cannot reach, that of the directory itself.
uint64_t number_of(const Descriptor& d, const Reader& reader) {
  Outcome<MetadataHash> hash;
  if (reader.cookie < 2) {
    wasi_metadata_hash(d.handle, &hash);
  } else {
    wasi_metadata_hash_at(d.handle, 0, reader.pending.name.data, reader.pending.name.size, &hash);
  }
  return hash.failed ? 0 : hash.value.lower;
}

/// Copies as much as there is room for.
void put(uint8_t*& at, const uint8_t* end, const void* from, uint32_t size) {
  const uint32_t part = least(size, static_cast<uint32_t>(end - at));
  copy(at, from, part);
  at += part;
}

}  // namespace
}  // namespace adapter

using namespace adapter;

PREVIEW1(fd_readdir)
(uint32_t fd, uint8_t* data, uint32_t size, uint64_t cookie, uint32_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  Errno error = Errno::success;
  Descriptor* const d = find(fd, Kind::directory, error);
  if (d == nullptr) return error;
  if (d->reader == nullptr) {
    d->reader = new_reader();
    d->reader->cookie = 0;
    d->reader->has_pending = false;
  }
  Reader& reader = *d->reader;
  // The beginning is a new look.
  if (cookie == 0 && reader.cookie != 0) error = seek(*d, reader, 0);
  if (error == Errno::success) error = seek(*d, reader, cookie);
  uint8_t* at = data;
  const uint8_t* const end = data + size;
  while (error == Errno::success && at != end) {
    bool is_last = false;
    error = read_entry(*d, reader, is_last);
    if (error != Errno::success || is_last) break;
    Dirent entry;
    clear(&entry, sizeof entry);
    entry.next = reader.cookie + 1;
    entry.ino = number_of(*d, reader);
    entry.name_len = reader.pending.name.size;
    entry.type = filetype_of(reader.pending.type);
    put(at, end, &entry, sizeof entry);
    put(at, end, reader.pending.name.data, reader.pending.name.size);
    // What fills the buffer may be cut, and is given again.
    if (at == end) break;
    reader.has_pending = false;
    ++reader.cookie;
  }
  *out = static_cast<uint32_t>(at - data);
  // A buffer that is not full would mean the end of the directory.
  return error;
}

#endif
