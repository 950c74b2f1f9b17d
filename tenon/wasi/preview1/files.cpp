// SPDX-License-Identifier: Apache-2.0
// Functions of preview 1 on open descriptors. A file's position is kept here and not by the
// system, so that two descriptors never share one by accident.
#include <algorithm>
#include <array>
#include <limits>

#include "tenon/base/narrow.h"
#include "tenon/base/unicode.h"
#include "tenon/engine/store.h"
#include "tenon/wasi/preview1/host.h"

namespace tenon::wasi {
namespace {

using p1::Errno;
using p1::stop;

/// As many buffers as a system takes at a time; a guest with more learns of fewer bytes.
constexpr std::size_t most_buffers = 1024;
/// Of one call: a guest with more learns of fewer bytes, and its deadline is looked at in between.
constexpr std::size_t most_bytes = std::size_t{16} << 20U;

std::uint8_t filetype_of(FileType type) {
  switch (type) {
    case FileType::block_device:
      return p1::filetype::block_device;
    case FileType::character_device:
      return p1::filetype::character_device;
    case FileType::directory:
      return p1::filetype::directory;
    case FileType::regular_file:
      return p1::filetype::regular_file;
    case FileType::symbolic_link:
      return p1::filetype::symbolic_link;
    case FileType::socket:
      return p1::filetype::socket_stream;
    case FileType::fifo:
    case FileType::unknown:
      break;
  }
  return p1::filetype::unknown;
}

std::uint8_t filetype_of(const p1::Entry& entry) {
  if (!entry.is_stream()) return filetype_of(entry.file->type());
  return entry.is_terminal() ? p1::filetype::character_device : p1::filetype::unknown;
}

/// The time that flags ask for, or that neither does.
p1::Answer<NewTime> new_time(std::uint64_t time, bool set, bool now) {
  if (set && now) return stop(Errno::inval);
  NewTime out;
  if (now) out.kind = NewTime::Kind::now;
  if (set) {
    out.kind = NewTime::Kind::set;
    out.time = Timestamp::from_nanoseconds(time);
  }
  return out;
}

}  // namespace

p1::Answer<std::array<NewTime, 2>> p1::new_times(std::uint64_t accessed, std::uint64_t modified,
                                                 std::uint32_t flags) {
  using namespace p1::fstflags;
  if ((flags & ~all) != 0) return stop(Errno::inval);
  std::array<NewTime, 2> out;
  out[0] = TENON_TRY(new_time(accessed, (flags & atim) != 0, (flags & atim_now) != 0));
  out[1] = TENON_TRY(new_time(modified, (flags & mtim) != 0, (flags & mtim_now) != 0));
  return out;
}

p1::Answer<Preview1::Host::Buffers> Preview1::Host::buffers(Ptr iovs, Size count) {
  const auto list = TENON_TRY(guest_.items(iovs, count, 8, 4));
  TENON_TRY(charge(count));
  Buffers out;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count && out.parts.size() < most_buffers && total < most_bytes; ++i) {
    const auto at = p1::load<std::uint32_t>(list, 8 * i);
    const auto size = p1::load<std::uint32_t>(list, 8 * i + 4);
    const auto part = TENON_TRY(guest_.bytes(at, size));
    if (part.empty()) continue;
    out.parts.push_back(part.first(std::min(part.size(), most_bytes - total)));
    total += out.parts.back().size();
  }
  return out;
}

/// A descriptor with what an operation on files needs.
p1::Answer<p1::Entry*> Preview1::Host::file_with(Fd fd, p1::Rights needed) {
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (!entry->is_stream() && entry->file->is_directory()) return stop(Errno::badf);
  if ((entry->base & needed) != needed)
    return stop((needed & (p1::rights::fd_read | p1::rights::fd_write)) != 0 ? Errno::badf
                                                                             : Errno::notcapable);
  return entry;
}

p1::Answer<p1::Entry*> Preview1::Host::file(Fd fd, p1::Rights needed) {
  p1::Entry* entry = TENON_TRY(file_with(fd, 0));
  if (entry->is_stream() || !entry->file->seekable()) return stop(Errno::spipe);
  return file_with(fd, needed);
}

p1::Answer<void> Preview1::Host::put_stat(Ptr at, const FileStat& stat) {
  const auto to = TENON_TRY(guest_.items(at, 1, 64, 8));
  const auto time = [](const std::optional<Timestamp>& t) {
    return t ? t->clamped_nanoseconds() : 0;
  };
  std::ranges::fill(to, std::uint8_t{0});
  p1::store(to, 0, stat.device);
  p1::store(to, 8, stat.inode);
  p1::store(to, 16, filetype_of(stat.type));
  p1::store(to, 24, stat.links);
  p1::store(to, 32, stat.size);
  p1::store(to, 40, time(stat.accessed));
  p1::store(to, 48, time(stat.modified));
  p1::store(to, 56, time(stat.changed));
  return {};
}

p1::Answer<void> Preview1::Host::fd_advise(Fd fd, std::uint64_t at, std::uint64_t size,
                                           std::uint32_t advice) {
  if (advice > std::to_underlying(Advice::no_reuse)) return stop(Errno::inval);
  p1::Entry* entry = TENON_TRY(file(fd, 0));
  TENON_TRY(entry->file->advise(at, size, static_cast<Advice>(advice)));
  return {};
}

p1::Answer<void> Preview1::Host::fd_allocate(Fd fd, std::uint64_t at, std::uint64_t size) {
  p1::Entry* entry = TENON_TRY(file(fd, p1::rights::fd_allocate));
  TENON_TRY(entry->file->allocate(at, size));
  return {};
}

p1::Answer<void> Preview1::Host::fd_close(Fd fd) {
  return table_.close(fd);
}

p1::Answer<void> Preview1::Host::fd_datasync(Fd fd) {
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (entry->is_stream()) return {};
  TENON_TRY(entry->file->sync_data());
  return {};
}

p1::Answer<void> Preview1::Host::fd_sync(Fd fd) {
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (entry->is_stream()) return {};
  TENON_TRY(entry->file->sync());
  return {};
}

p1::Answer<void> Preview1::Host::fd_fdstat_get(Fd fd, Ptr result) {
  const p1::Entry* entry = TENON_TRY(table_.find(fd));
  const auto to = TENON_TRY(guest_.items(result, 1, 24, 8));
  std::ranges::fill(to, std::uint8_t{0});
  p1::store(to, 0, filetype_of(*entry));
  p1::store(to, 2, narrow<std::uint16_t>(entry->flags));
  p1::store(to, 8, entry->base);
  p1::store(to, 16, entry->inheriting);
  return {};
}

p1::Answer<void> Preview1::Host::fd_fdstat_set_flags(Fd fd, std::uint32_t flags) {
  using namespace p1::fdflags;
  if ((flags & ~all) != 0) return stop(Errno::inval);
  p1::Entry* entry = TENON_TRY(file_with(fd, p1::rights::fd_fdstat_set_flags));
  // How writes are synchronised is settled when a file is opened.
  if (((flags ^ entry->flags) & (dsync | rsync | sync)) != 0) return stop(Errno::notsup);
  entry->flags = flags;
  return {};
}

p1::Answer<void> Preview1::Host::fd_fdstat_set_rights(Fd fd, std::uint64_t base,
                                                      std::uint64_t inheriting) {
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  if ((base & ~entry->base) != 0 || (inheriting & ~entry->inheriting) != 0)
    return stop(Errno::notcapable);
  entry->base = base;
  entry->inheriting = inheriting;
  return {};
}

p1::Answer<void> Preview1::Host::fd_filestat_get(Fd fd, Ptr result) {
  const p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (!entry->is_stream()) {
    const FileStat stat = TENON_TRY(entry->file->stat());
    return put_stat(result, stat);
  }
  FileStat stat;
  if (entry->is_terminal()) stat.type = FileType::character_device;
  return put_stat(result, stat);
}

p1::Answer<void> Preview1::Host::fd_filestat_set_size(Fd fd, std::uint64_t size) {
  p1::Entry* entry = TENON_TRY(file(fd, p1::rights::fd_filestat_set_size));
  TENON_TRY(entry->file->set_size(size));
  return {};
}

p1::Answer<void> Preview1::Host::fd_filestat_set_times(Fd fd, std::uint64_t accessed,
                                                       std::uint64_t modified,
                                                       std::uint32_t flags) {
  p1::Entry* entry = TENON_TRY(table_.find(fd));
  const auto times = TENON_TRY(p1::new_times(accessed, modified, flags));
  if (entry->is_stream()) return stop(Errno::notsup);
  if ((entry->base & p1::rights::fd_filestat_set_times) == 0 && entry->file->may_mutate())
    return stop(Errno::notcapable);
  TENON_TRY(entry->file->set_times(times[0], times[1]));
  return {};
}

p1::Answer<void> Preview1::Host::wait_for(const p1::Entry& entry, bool read) {
  if ((entry.flags & p1::fdflags::nonblock) != 0) return stop(Errno::again);
  std::array<engine::WaitEvent, 1> event;
  event[0].fd = entry.wait_fd();
  event[0].read = read;
  event[0].write = !read;
  if (event[0].fd < 0) return stop(Errno::again);
  const p1::Guest guest = guest_;
  auto ready = store_.wait(event);
  // Another guest may have called meanwhile.
  guest_ = guest;
  if (!ready) return stop(std::move(ready).error());
  return {};
}

p1::Answer<std::size_t> Preview1::Host::read_stream(p1::Entry& entry, const Buffers& into) {
  if (into.parts.empty()) return std::size_t{0};
  while (true) {
    const IoResult<std::size_t> got =
        entry.in != nullptr ? entry.in->read(into.parts.front()) : entry.file->read(into.parts);
    if (got) return *got;
    if (got.error() != ErrorCode::would_block) return stop(got.error());
    TENON_TRY(wait_for(entry, true));
  }
}

p1::Answer<std::size_t> Preview1::Host::write_stream(p1::Entry& entry, const Buffers& from) {
  std::size_t total = 0;
  for (ByteSpan part : from.parts) {
    while (!part.empty()) {
      const ByteSpan one[] = {part};
      const IoResult<std::size_t> put =
          entry.out != nullptr ? entry.out->write(part) : entry.file->write(one);
      if (put) {
        total += *put;
        part = part.subspan(*put);
        continue;
      }
      const bool wait = put.error() == ErrorCode::would_block &&
                        (total == 0 || (entry.flags & p1::fdflags::nonblock) == 0);
      if (!wait && total != 0) return total;
      if (!wait) return stop(put.error());
      TENON_TRY(wait_for(entry, false));
    }
  }
  return total;
}

p1::Answer<std::size_t> Preview1::Host::write_file(p1::Entry& entry, const Buffers& from) {
  std::vector<ByteSpan> parts(from.parts.begin(), from.parts.end());
  if ((entry.flags & p1::fdflags::append) != 0) {
    const std::size_t n = TENON_TRY(entry.file->append(parts));
    const FileStat stat = TENON_TRY(entry.file->stat());
    entry.position = stat.size;
    return n;
  }
  const std::size_t n = TENON_TRY(entry.file->write_at(parts, entry.position));
  entry.position += n;
  return n;
}

p1::Answer<void> Preview1::Host::fd_read(Fd fd, Ptr iovs, Size count, Ptr result) {
  p1::Entry* entry = TENON_TRY(file_with(fd, p1::rights::fd_read));
  const auto held = table_.hold(fd);
  const Buffers into = TENON_TRY(buffers(iovs, count));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  std::size_t n = 0;
  if (entry->is_stream() || !entry->file->seekable()) {
    n = TENON_TRY(read_stream(*entry, into));
  } else {
    n = TENON_TRY(entry->file->read_at(into.parts, entry->position));
    entry->position += n;
  }
  return guest_.put(result, narrow<std::uint32_t>(n));
}

p1::Answer<void> Preview1::Host::fd_write(Fd fd, Ptr iovs, Size count, Ptr result) {
  p1::Entry* entry = TENON_TRY(file_with(fd, p1::rights::fd_write));
  const auto held = table_.hold(fd);
  const Buffers from = TENON_TRY(buffers(iovs, count));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  const bool stream = entry->is_stream() || !entry->file->seekable();
  const std::size_t n = TENON_TRY(stream ? write_stream(*entry, from) : write_file(*entry, from));
  return guest_.put(result, narrow<std::uint32_t>(n));
}

p1::Answer<void> Preview1::Host::fd_pread(Fd fd, Ptr iovs, Size count, std::uint64_t at,
                                          Ptr result) {
  p1::Entry* entry = TENON_TRY(file(fd, p1::rights::fd_read));
  const Buffers into = TENON_TRY(buffers(iovs, count));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  const std::size_t n = TENON_TRY(entry->file->read_at(into.parts, at));
  return guest_.put(result, narrow<std::uint32_t>(n));
}

p1::Answer<void> Preview1::Host::fd_pwrite(Fd fd, Ptr iovs, Size count, std::uint64_t at,
                                           Ptr result) {
  p1::Entry* entry = TENON_TRY(file(fd, p1::rights::fd_write));
  const Buffers from = TENON_TRY(buffers(iovs, count));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  const std::vector<ByteSpan> parts(from.parts.begin(), from.parts.end());
  const std::size_t n = TENON_TRY(entry->file->write_at(parts, at));
  return guest_.put(result, narrow<std::uint32_t>(n));
}

p1::Answer<void> Preview1::Host::fd_prestat_get(Fd fd, Ptr result) {
  if (world().preopens.empty()) world().refusals->note(Refused::directory);
  const p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (!entry->preopen) return stop(Errno::badf);
  const auto to = TENON_TRY(guest_.items(result, 1, 8, 4));
  std::ranges::fill(to, std::uint8_t{0});
  p1::store(to, 4, narrow<std::uint32_t>(entry->preopen->size()));
  return {};
}

p1::Answer<void> Preview1::Host::fd_prestat_dir_name(Fd fd, Ptr path, Size size) {
  const p1::Entry* entry = TENON_TRY(table_.find(fd));
  if (!entry->preopen) return stop(Errno::badf);
  if (size < entry->preopen->size()) return stop(Errno::nametoolong);
  const auto to = TENON_TRY(guest_.bytes(path, entry->preopen->size()));
  std::ranges::copy(*entry->preopen, to.begin());
  return {};
}

p1::Answer<void> Preview1::Host::fd_renumber(Fd from, Fd to) {
  return table_.renumber(from, to);
}

p1::Answer<void> Preview1::Host::fd_seek(Fd fd, std::int64_t offset, std::uint32_t whence,
                                         Ptr result) {
  p1::Entry* entry = TENON_TRY(file(fd, 0));
  std::uint64_t from = 0;
  if (whence == 1) {
    from = entry->position;
  } else if (whence == 2) {
    const FileStat stat = TENON_TRY(entry->file->stat());
    from = stat.size;
  } else if (whence != 0) {
    return stop(Errno::inval);
  }
  std::int64_t to = 0;
  if (__builtin_add_overflow(static_cast<std::int64_t>(from), offset, &to) || to < 0)
    return stop(Errno::inval);
  entry->position = static_cast<std::uint64_t>(to);
  return guest_.put(result, entry->position);
}

p1::Answer<void> Preview1::Host::fd_tell(Fd fd, Ptr result) {
  const p1::Entry* entry = TENON_TRY(file(fd, 0));
  return guest_.put(result, entry->position);
}

p1::Answer<void> Preview1::Host::fd_readdir(Fd fd, Ptr buffer, Size size, std::uint64_t cookie,
                                            Ptr result) {
  // The two first entries are made here; those of the substrate follow, their cookies moved on.
  constexpr std::uint64_t dots = 2;
  p1::Entry* entry = TENON_TRY(directory(fd, p1::rights::fd_readdir));
  const auto to = TENON_TRY(guest_.bytes(buffer, size));
  TENON_TRY(guest_.items(result, 1, 4, 4));
  if (entry->walk == nullptr) {
    entry->walk = TENON_TRY(entry->file->list());
    entry->walk_at = dots;
  }
  const FileStat self = TENON_TRY(entry->file->stat());
  std::size_t used = 0;
  while (used < to.size()) {
    std::optional<DirectoryEntry> next;
    if (cookie < dots) {
      next = DirectoryEntry{cookie == 0 ? "." : "..", FileType::directory,
                            cookie == 0 ? self.inode : 0, cookie + 1};
    } else {
      // From the beginning it is read again: what was made meanwhile is seen.
      if (entry->walk_at != cookie || cookie == dots) TENON_TRY(entry->walk->seek(cookie - dots));
      next = TENON_TRY(entry->walk->next());
      if (!next) {
        entry->walk_at = cookie;
        break;
      }
      next->cookie += dots;
      entry->walk_at = next->cookie;
      if (!is_utf8(next->name)) return stop(Errno::ilseq);
    }
    TENON_TRY(charge(1));
    // A record that does not fit is cut off; the guest asks again from its cookie.
    std::array<std::uint8_t, 24> head{};
    p1::store<std::uint64_t>(head, 0, next->cookie);
    p1::store<std::uint64_t>(head, 8, next->inode);
    p1::store(head, 16, narrow<std::uint32_t>(next->name.size()));
    p1::store(head, 20, filetype_of(next->type));
    const auto part = to.subspan(used);
    const std::size_t n = std::min(part.size(), head.size());
    std::copy_n(head.begin(), n, part.begin());
    const std::size_t m = std::min(part.size() - n, next->name.size());
    std::copy_n(next->name.begin(), m, part.begin() + static_cast<std::ptrdiff_t>(n));
    used += n + m;
    cookie = next->cookie;
  }
  return guest_.put(result, narrow<std::uint32_t>(used));
}

}  // namespace tenon::wasi
