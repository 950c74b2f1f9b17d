// SPDX-License-Identifier: Apache-2.0
// Functions of preview 1 on paths. What they may reach is the substrate's matter.
#include <algorithm>

#include "tenon/base/narrow.h"
#include "tenon/engine/store.h"
#include "tenon/wasi/preview1/host.h"

namespace tenon::wasi {

using p1::Errno;
using p1::stop;

namespace {

p1::Answer<bool> follows(std::uint32_t lookup) {
  if ((lookup & ~p1::lookup_symlink_follow) != 0) return stop(Errno::inval);
  return (lookup & p1::lookup_symlink_follow) != 0;
}

}  // namespace

/// A directory that still has the rights; those that a read-only grant took away are told as such
/// by the substrate.
p1::Answer<p1::Entry*> Preview1::Host::directory(Fd fd, p1::Rights needed) {
  if (world().preopens.empty()) world().refusals->note(Refused::directory);
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (entry->is_stream() || !entry->file->is_directory()) return stop(Errno::notdir);
  if (!entry->file->may_mutate()) needed &= ~p1::rights::mutating;
  if ((entry->base & needed) != needed) return stop(Errno::notcapable);
  return entry;
}

p1::Answer<void> Preview1::Host::path_create_directory(Fd fd, Ptr path, Size size) {
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_create_directory));
  TENON_TRY(entry->file->create_directory_at(name));
  return {};
}

p1::Answer<void> Preview1::Host::path_filestat_get(Fd fd, std::uint32_t lookup, Ptr path, Size size,
                                                   Ptr result) {
  const bool follow = TENON_TRY(follows(lookup));
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_filestat_get));
  const FileStat stat = TENON_TRY(entry->file->stat_at(name, follow));
  return put_stat(result, stat);
}

p1::Answer<void> Preview1::Host::path_filestat_set_times(Fd fd, std::uint32_t lookup, Ptr path,
                                                         Size size, std::uint64_t accessed,
                                                         std::uint64_t modified,
                                                         std::uint32_t flags) {
  const bool follow = TENON_TRY(follows(lookup));
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_filestat_set_times));
  const auto times = TENON_TRY(p1::new_times(accessed, modified, flags));
  TENON_TRY(entry->file->set_times_at(name, follow, times[0], times[1]));
  return {};
}

p1::Answer<void> Preview1::Host::path_link(Fd from_fd, std::uint32_t lookup, Ptr from,
                                           Size from_size, Fd to_fd, Ptr to, Size to_size) {
  const bool follow = TENON_TRY(follows(lookup));
  const std::string source = TENON_TRY(guest_.path(from, from_size));
  const std::string target = TENON_TRY(guest_.path(to, to_size));
  p1::Entry* source_entry = TENON_TRY(directory(from_fd, p1::rights::path_link_source));
  p1::Entry* target_entry = TENON_TRY(directory(to_fd, p1::rights::path_link_target));
  // No link can be followed and its end linked in one step.
  if (follow) return stop(Errno::inval);
  TENON_TRY(source_entry->file->link_at(source, *target_entry->file, target));
  return {};
}

p1::Answer<void> Preview1::Host::path_open(Fd fd, std::uint32_t lookup, Ptr path, Size size,
                                           std::uint32_t open, std::uint64_t base,
                                           std::uint64_t inheriting, std::uint32_t flags,
                                           Ptr result) {
  const bool follow = TENON_TRY(follows(lookup));
  const std::string name = TENON_TRY(guest_.path(path, size));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  if ((open & ~p1::oflags::all) != 0 || (flags & ~p1::fdflags::all) != 0) return stop(Errno::inval);
  p1::Rights needed = p1::rights::path_open;
  if ((open & p1::oflags::creat) != 0) needed |= p1::rights::path_create_file;
  if ((open & p1::oflags::trunc) != 0) needed |= p1::rights::path_filestat_set_size;
  const p1::Entry* entry = TENON_TRY(directory(fd, needed));
  OpenFlags how;
  how.create = (open & p1::oflags::creat) != 0;
  how.directory = (open & p1::oflags::directory) != 0;
  how.exclusive = (open & p1::oflags::excl) != 0;
  how.truncate = (open & p1::oflags::trunc) != 0;
  DescriptorFlags use;
  use.read = (base & p1::rights::fd_read) != 0;
  use.write = (base & p1::rights::fd_write) != 0;
  use.data_integrity_sync = (flags & p1::fdflags::dsync) != 0;
  use.file_integrity_sync = (flags & p1::fdflags::sync) != 0;
  use.requested_write_sync = (flags & p1::fdflags::rsync) != 0;
  p1::Entry made;
  made.file = TENON_TRY(entry->file->open_at(name, follow, how, use));
  made.flags = flags;
  const p1::Rights allowed = made.file->may_mutate() ? p1::rights::all : ~p1::rights::mutating;
  if (made.file->is_directory()) {
    made.base = p1::rights::directory & allowed & entry->base;
    made.inheriting = entry->inheriting & allowed;
  } else {
    // Programs ask for reading and writing; the other rights follow from these.
    made.base = p1::rights::file & allowed & entry->inheriting;
    if (!use.read) made.base &= ~p1::rights::fd_read;
    if (!use.write) {
      made.base &= ~(p1::rights::fd_write | p1::rights::fd_allocate |
                     p1::rights::fd_filestat_set_size | p1::rights::fd_datasync);
    }
    if (made.file->type() == FileType::character_device)
      made.base &= ~(p1::rights::fd_seek | p1::rights::fd_tell);
  }
  static_cast<void>(inheriting);
  const std::uint32_t number = TENON_TRY(table_.add(std::move(made)));
  return guest_.put(result, number);
}

p1::Answer<void> Preview1::Host::path_readlink(Fd fd, Ptr path, Size size, Ptr buffer,
                                               Size buffer_size, Ptr result) {
  const std::string name = TENON_TRY(guest_.path(path, size));
  const auto to = TENON_TRY(guest_.bytes(buffer, buffer_size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_readlink));
  const std::string target = TENON_TRY(entry->file->readlink_at(name));
  const std::size_t n = std::min(target.size(), to.size());
  std::copy_n(target.begin(), n, to.begin());
  return guest_.put(result, narrow<std::uint32_t>(n));
}

p1::Answer<void> Preview1::Host::path_remove_directory(Fd fd, Ptr path, Size size) {
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_remove_directory));
  TENON_TRY(entry->file->remove_directory_at(name));
  return {};
}

p1::Answer<void> Preview1::Host::path_rename(Fd from_fd, Ptr from, Size from_size, Fd to_fd, Ptr to,
                                             Size to_size) {
  const std::string source = TENON_TRY(guest_.path(from, from_size));
  const std::string target = TENON_TRY(guest_.path(to, to_size));
  p1::Entry* source_entry = TENON_TRY(directory(from_fd, p1::rights::path_rename_source));
  p1::Entry* target_entry = TENON_TRY(directory(to_fd, p1::rights::path_rename_target));
  TENON_TRY(source_entry->file->rename_at(source, *target_entry->file, target));
  return {};
}

p1::Answer<void> Preview1::Host::path_symlink(Ptr target, Size target_size, Fd fd, Ptr path,
                                              Size size) {
  const std::string text = TENON_TRY(guest_.path(target, target_size));
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_symlink));
  TENON_TRY(entry->file->symlink_at(text, name));
  return {};
}

p1::Answer<void> Preview1::Host::path_unlink_file(Fd fd, Ptr path, Size size) {
  const std::string name = TENON_TRY(guest_.path(path, size));
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::path_unlink_file));
  TENON_TRY(entry->file->unlink_file_at(name));
  return {};
}

}  // namespace tenon::wasi
