// SPDX-License-Identifier: Apache-2.0
// What is asked of a descriptor beside reading and writing.
#include "errors.h"
#include "files.h"

namespace adapter {
namespace {

/// Whether a standard stream is a terminal. Where a program is no command, nothing runs at its end
/// that would write what a libc still holds, so there each line is written at once, as to a
/// terminal.
bool is_terminal(const Descriptor& d) {
  if constexpr (is_command) {
    MaybeHandle terminal;
    if (d.kind == Kind::input) {
      wasi_get_terminal_stdin(&terminal);
      if (terminal.has) wasi_drop_terminal_input(terminal.value);
      return terminal.has;
    }
    if (d.stdio == 1) {
      wasi_get_terminal_stdout(&terminal);
    } else {
      wasi_get_terminal_stderr(&terminal);
    }
    if (terminal.has) wasi_drop_terminal_output(terminal.value);
    return terminal.has;
  }
  return true;
}

void stdio_stat(const Descriptor& d, Fdstat& out) {
  out.filetype = is_terminal(d) ? Filetype::character_device : Filetype::unknown;
  out.flags = d.flags;
  out.rights_base = rights::poll_fd_readwrite | rights::fd_fdstat_set_flags |
                    rights::fd_filestat_get |
                    (d.kind == Kind::input ? rights::fd_read : rights::fd_write);
}

[[maybe_unused]] Errno file_stat(const Descriptor& d, Fdstat& out) {
  using namespace rights;
  Outcome<DescriptorType> type;
  wasi_get_type(d.handle, &type);
  if (type.failed) return errno_of(type.code);
  Outcome<uint8_t> flags;
  wasi_get_flags(d.handle, &flags);
  if (flags.failed) return errno_of(flags.code);
  out.filetype = filetype_of(type.value);
  uint16_t found = d.flags;
  if ((flags.value & descriptor_flags::file_integrity_sync) != 0) found |= fdflags::sync;
  if ((flags.value & descriptor_flags::data_integrity_sync) != 0) found |= fdflags::dsync;
  if ((flags.value & descriptor_flags::requested_write_sync) != 0) found |= fdflags::rsync;
  out.flags = found;
  uint64_t base = fd_sync | fd_datasync | fd_fdstat_set_flags | fd_filestat_get |
                  fd_filestat_set_times | fd_advise;
  if (d.kind == Kind::directory) {
    out.rights_base = base | of_directories;
    out.rights_inheriting = all;
    return Errno::success;
  }
  base |= poll_fd_readwrite;
  // What has no place to seek to is how a libc knows a terminal.
  if (out.filetype != Filetype::character_device) base |= fd_seek | fd_tell;
  if ((flags.value & descriptor_flags::read) != 0) base |= fd_read;
  if ((flags.value & descriptor_flags::write) != 0)
    base |= fd_write | fd_allocate | fd_filestat_set_size;
  out.rights_base = base;
  return Errno::success;
}

/// What a file has and a standard stream has not.
Errno with_handle(uint32_t fd, Errno of_stdio, Descriptor*& out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  out = find(fd);
  if (out == nullptr) return Errno::badf;
  if (out->kind == Kind::input || out->kind == Kind::output) return of_stdio;
  return Errno::success;
}

Descriptor* preopen(uint32_t fd) {
  Descriptor* const d = find(fd);
  return d != nullptr && d->is_preopen ? d : nullptr;
}

}  // namespace
}  // namespace adapter

using namespace adapter;

PREVIEW1(fd_close)(uint32_t fd) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  Descriptor* const d = find(fd);
  if (d == nullptr) return Errno::badf;
  close(*d);
  return Errno::success;
}

PREVIEW1(fd_renumber)(uint32_t from, uint32_t to) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  Descriptor* const source = find(from);
  Descriptor* const target = find(to);
  if (source == nullptr || target == nullptr) return Errno::badf;
  if (source == target) return Errno::success;
  if constexpr (has_files) {
    if (source->is_preopen) state().folders_moved = true;
  }
  close(*target);
  *target = *source;
  source->kind = Kind::closed;
  source->is_preopen = false;
  State& s = state();
  s.first_free = least(s.first_free, from);
  return Errno::success;
}

PREVIEW1(fd_fdstat_get)(uint32_t fd, Fdstat* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  const Descriptor* const d = find(fd);
  if (d == nullptr) return Errno::badf;
  clear(out, sizeof *out);
  if (d->kind == Kind::input || d->kind == Kind::output) {
    stdio_stat(*d, *out);
    return Errno::success;
  }
  if constexpr (has_files) return file_stat(*d, *out);
  return Errno::badf;
}

PREVIEW1(fd_fdstat_set_flags)(uint32_t fd, uint16_t flags) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  constexpr uint16_t ours = fdflags::append | fdflags::nonblock;
  Descriptor* const d = find(fd);
  if (d == nullptr || d->kind == Kind::directory) return Errno::badf;
  if ((flags & ~ours) != 0) return Errno::inval;
  d->flags = flags;
  return Errno::success;
}

PREVIEW1(fd_fdstat_set_rights)(uint32_t fd, uint64_t /*base*/, uint64_t /*inheriting*/) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  return find(fd) == nullptr ? Errno::badf : Errno::notsup;
}

PREVIEW1(fd_filestat_get)(uint32_t fd, Filestat* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  const Descriptor* const d = find(fd);
  if (d == nullptr) return Errno::badf;
  clear(out, sizeof *out);
  if (d->kind == Kind::input || d->kind == Kind::output) {
    out->filetype = is_terminal(*d) ? Filetype::character_device : Filetype::unknown;
    return Errno::success;
  }
  if constexpr (has_files) {
    Outcome<DescriptorStat> stat;
    wasi_stat(d->handle, &stat);
    if (stat.failed) return errno_of(stat.code);
    Outcome<MetadataHash> hash;
    wasi_metadata_hash(d->handle, &hash);
    if (hash.failed) return errno_of(hash.code);
    fill(*out, stat.value);
    out->ino = hash.value.lower;
  }
  return Errno::success;
}

PREVIEW1(fd_prestat_get)(uint32_t fd, Prestat* out) {
  REFUSE_WHILE_ALLOCATING(Errno::badf);
  const Descriptor* const d = preopen(fd);
  if constexpr (has_files) state().folders_read = true;
  if (d == nullptr) return Errno::badf;
  out->tag = 0;
  out->name_len = d->name.size;
  return Errno::success;
}

PREVIEW1(fd_prestat_dir_name)(uint32_t fd, char* name, uint32_t size) {
  REFUSE_WHILE_ALLOCATING(Errno::badf);
  const Descriptor* const d = preopen(fd);
  if (d == nullptr) return Errno::badf;
  if (size < d->name.size) return Errno::nametoolong;
  copy(name, d->name.data, d->name.size);
  return Errno::success;
}

#ifdef ADAPTER_FILES

PREVIEW1(fd_advise)(uint32_t fd, uint64_t offset, uint64_t length, uint8_t advice) {
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::spipe, d); error != Errno::success) return error;
  if (d->kind == Kind::directory) return Errno::badf;
  if (advice > 5) return Errno::inval;
  Outcome<Nothing> done;
  wasi_advise(d->handle, offset, length, advice, &done);
  return errno_of(done);
}

PREVIEW1(fd_allocate)(uint32_t fd, uint64_t /*offset*/, uint64_t /*length*/) {
  // 0.2 cannot reserve what a file does not have yet.
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::spipe, d); error != Errno::success) return error;
  return d->kind == Kind::directory ? Errno::badf : Errno::notsup;
}

PREVIEW1(fd_sync)(uint32_t fd) {
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::inval, d); error != Errno::success) return error;
  Outcome<Nothing> done;
  wasi_sync(d->handle, &done);
  return errno_of(done);
}

PREVIEW1(fd_datasync)(uint32_t fd) {
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::inval, d); error != Errno::success) return error;
  Outcome<Nothing> done;
  wasi_sync_data(d->handle, &done);
  return errno_of(done);
}

PREVIEW1(fd_filestat_set_size)(uint32_t fd, uint64_t size) {
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::inval, d); error != Errno::success) return error;
  if (d->kind == Kind::directory) return Errno::badf;
  Outcome<Nothing> done;
  wasi_set_size(d->handle, size, &done);
  return errno_of(done);
}

PREVIEW1(fd_filestat_set_times)(uint32_t fd, uint64_t atim, uint64_t mtim, uint16_t flags) {
  Descriptor* d = nullptr;
  if (const Errno error = with_handle(fd, Errno::badf, d); error != Errno::success) return error;
  NewTime a;
  NewTime m;
  if (const Errno error = new_times(atim, mtim, flags, a, m); error != Errno::success) return error;
  Outcome<Nothing> done;
  wasi_set_times(d->handle, a.kind, a.value.seconds, a.value.nanoseconds, m.kind, m.value.seconds,
                 m.value.nanoseconds, &done);
  return errno_of(done);
}

#else

// Without files, nothing but the standard streams can be meant.

namespace adapter {
namespace {
Errno of_stdio(uint32_t fd, Errno error) {
  Descriptor* d = nullptr;
  return with_handle(fd, error, d);
}
}  // namespace
}  // namespace adapter

PREVIEW1(fd_advise)(uint32_t fd, uint64_t /*offset*/, uint64_t /*length*/, uint8_t /*advice*/) {
  return of_stdio(fd, Errno::spipe);
}
PREVIEW1(fd_allocate)(uint32_t fd, uint64_t /*offset*/, uint64_t /*length*/) {
  return of_stdio(fd, Errno::spipe);
}
PREVIEW1(fd_sync)(uint32_t fd) {
  return of_stdio(fd, Errno::inval);
}
PREVIEW1(fd_datasync)(uint32_t fd) {
  return of_stdio(fd, Errno::inval);
}
PREVIEW1(fd_filestat_set_size)(uint32_t fd, uint64_t /*size*/) {
  return of_stdio(fd, Errno::inval);
}
PREVIEW1(fd_filestat_set_times)
(uint32_t fd, uint64_t /*atim*/, uint64_t /*mtim*/, uint16_t /*flags*/) {
  return of_stdio(fd, Errno::badf);
}

#endif
