// SPDX-License-Identifier: Apache-2.0
// What begins at a directory and follows a path.
#include "errors.h"
#include "files.h"

#ifdef ADAPTER_FILES

namespace adapter {
namespace {

constexpr uint64_t changes_directories = 1ULL << 9 | 1ULL << 10 | 1ULL << 12 | 1ULL << 16 |
                                         1ULL << 17 | 1ULL << 24 | 1ULL << 25 | 1ULL << 26;

uint32_t flags_for(uint64_t wanted, uint16_t fd_flags, uint16_t open_flags) {
  using namespace descriptor_flags;
  uint32_t out = 0;
  // Rights are what a descriptor may do at most. Go asks for fd_filestat_set_size where it only
  // reads: what opens a file for writing is fd_write alone.
  if ((wanted & (rights::fd_read | rights::fd_readdir)) != 0) out |= read;
  // A directory that is to be written like a file is an error, which the host says.
  if ((wanted & rights::fd_write) != 0) out |= write;
  if ((open_flags & oflags::directory) != 0) {
    if ((wanted & changes_directories) != 0) out |= mutate_directory;
    return out | read;
  }
  if ((fd_flags & fdflags::sync) != 0) out |= file_integrity_sync;
  if ((fd_flags & fdflags::dsync) != 0) out |= data_integrity_sync;
  if ((fd_flags & fdflags::rsync) != 0) out |= requested_write_sync;
  return out;
}

/// A directory that may not be changed can still be read.
void open_at(Handle directory, uint32_t lookup, const Path& path, uint16_t open_flags,
             uint32_t flags, Outcome<Handle>& out) {
  wasi_open_at(directory, lookup, path.data, path.size, open_flags, flags, &out);
  if (!out.failed || (flags & descriptor_flags::mutate_directory) == 0) return;
  const Errno why = errno_of(out.code);
  if (why != Errno::rofs && why != Errno::perm && why != Errno::acces && why != Errno::notsup)
    return;
  wasi_open_at(directory, lookup, path.data, path.size, open_flags,
               flags & ~descriptor_flags::mutate_directory, &out);
}

/// A function of 0.2 that takes a path and gives nothing.
/// (Inline: an address of a function would want a table.)
template <class Call>
[[gnu::always_inline]] inline Errno at_path(uint32_t fd, const Path& path, Call call) {
  Handle directory = 0;
  if (const Errno error = directory_of(fd, path, directory); error != Errno::success) return error;
  Outcome<Nothing> done;
  call(directory, path.data, path.size, &done);
  return errno_of(done);
}

}  // namespace
}  // namespace adapter

using namespace adapter;

PREVIEW1(path_open)
(uint32_t fd, uint32_t lookup, const char* path, uint32_t size, uint16_t open_flags,
 uint64_t wanted, uint64_t /*inheriting*/, uint16_t fd_flags, uint32_t* out) {
  Handle directory = 0;
  const Path name{path, size};
  if (const Errno error = directory_of(fd, name, directory); error != Errno::success) return error;
  Outcome<Handle> opened;
  open_at(directory, lookup & 1U, name, open_flags & 15U, flags_for(wanted, fd_flags, open_flags),
          opened);
  if (opened.failed) return errno_of(opened.code);
  Descriptor descriptor;
  clear(&descriptor, sizeof descriptor);
  descriptor.handle = opened.value;
  descriptor.kind = Kind::file;
  descriptor.flags = fd_flags & (fdflags::append | fdflags::nonblock);
  Outcome<DescriptorType> type;
  wasi_get_type(opened.value, &type);
  if (!type.failed) {
    if (type.value == DescriptorType::directory) descriptor.kind = Kind::directory;
    descriptor.is_stream = type.value == DescriptorType::fifo ||
                           type.value == DescriptorType::character_device ||
                           type.value == DescriptorType::socket;
  }
  *out = add(descriptor);
  return Errno::success;
}

PREVIEW1(path_create_directory)(uint32_t fd, const char* path, uint32_t size) {
  return at_path(fd, {path, size}, wasi_create_directory_at);
}

PREVIEW1(path_remove_directory)(uint32_t fd, const char* path, uint32_t size) {
  return at_path(fd, {path, size}, wasi_remove_directory_at);
}

PREVIEW1(path_unlink_file)(uint32_t fd, const char* path, uint32_t size) {
  return at_path(fd, {path, size}, wasi_unlink_file_at);
}

PREVIEW1(path_symlink)
(const char* old_path, uint32_t old_size, uint32_t fd, const char* path, uint32_t size) {
  if (!is_utf8(old_path, old_size)) return Errno::ilseq;
  return at_path(fd, {path, size},
                 [&](Handle directory, const char* data, uint32_t length, Outcome<Nothing>* done) {
                   wasi_symlink_at(directory, old_path, old_size, data, length, done);
                 });
}

PREVIEW1(path_link)
(uint32_t old_fd, uint32_t lookup, const char* old_path, uint32_t old_size, uint32_t fd,
 const char* path, uint32_t size) {
  Handle from = 0;
  if (const Errno error = directory_of(old_fd, {old_path, old_size}, from); error != Errno::success)
    return error;
  return at_path(fd, {path, size},
                 [&](Handle to, const char* data, uint32_t length, Outcome<Nothing>* done) {
                   wasi_link_at(from, lookup & 1U, old_path, old_size, to, data, length, done);
                 });
}

PREVIEW1(path_rename)
(uint32_t old_fd, const char* old_path, uint32_t old_size, uint32_t fd, const char* path,
 uint32_t size) {
  Handle from = 0;
  if (const Errno error = directory_of(old_fd, {old_path, old_size}, from); error != Errno::success)
    return error;
  return at_path(fd, {path, size},
                 [&](Handle to, const char* data, uint32_t length, Outcome<Nothing>* done) {
                   wasi_rename_at(from, old_path, old_size, to, data, length, done);
                 });
}

PREVIEW1(path_filestat_get)
(uint32_t fd, uint32_t lookup, const char* path, uint32_t size, Filestat* out) {
  Handle directory = 0;
  if (const Errno error = directory_of(fd, {path, size}, directory); error != Errno::success)
    return error;
  Outcome<DescriptorStat> stat;
  wasi_stat_at(directory, lookup & 1U, path, size, &stat);
  if (stat.failed) return errno_of(stat.code);
  Outcome<MetadataHash> hash;
  wasi_metadata_hash_at(directory, lookup & 1U, path, size, &hash);
  if (hash.failed) return errno_of(hash.code);
  clear(out, sizeof *out);
  fill(*out, stat.value);
  out->ino = hash.value.lower;
  return Errno::success;
}

PREVIEW1(path_filestat_set_times)
(uint32_t fd, uint32_t lookup, const char* path, uint32_t size, uint64_t atim, uint64_t mtim,
 uint16_t flags) {
  NewTime a;
  NewTime m;
  if (const Errno error = new_times(atim, mtim, flags, a, m); error != Errno::success) return error;
  return at_path(fd, {path, size},
                 [&](Handle directory, const char* data, uint32_t length, Outcome<Nothing>* done) {
                   wasi_set_times_at(directory, lookup & 1U, data, length, a.kind, a.value.seconds,
                                     a.value.nanoseconds, m.kind, m.value.seconds,
                                     m.value.nanoseconds, done);
                 });
}

PREVIEW1(path_readlink)
(uint32_t fd, const char* path, uint32_t size, char* data, uint32_t capacity, uint32_t* out) {
  Handle directory = 0;
  if (const Errno error = directory_of(fd, {path, size}, directory); error != Errno::success)
    return error;
  Outcome<String> link;
  {
    const Into into(scratch());
    wasi_readlink_at(directory, path, size, &link);
  }
  if (link.failed) return errno_of(link.code);
  *out = least(link.value.size, capacity);
  copy(data, link.value.data, *out);
  return Errno::success;
}

#endif
