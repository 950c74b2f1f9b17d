// SPDX-License-Identifier: Apache-2.0
// Files of the host. Every path goes through `open_beneath`; calls that make, remove and rename
// entries get the directory that it opened and one clean name, because the system resolves further
// names there without a limit. What a descriptor may be used for is kept here and not asked of the
// system: a file that is truncated on opening must be open for writing there, and its guest may
// only read.
#include "tenon/wasi/core/host_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string_view>
#include <vector>

#include "tenon/wasi/core/host_path.h"

namespace tenon::wasi {
namespace {

constexpr auto largest_offset = static_cast<std::uint64_t>(INT64_MAX);

FileType type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::regular_file;
    case S_IFDIR:
      return FileType::directory;
    case S_IFLNK:
      return FileType::symbolic_link;
    case S_IFIFO:
      return FileType::fifo;
    case S_IFCHR:
      return FileType::character_device;
    case S_IFBLK:
      return FileType::block_device;
    case S_IFSOCK:
      return FileType::socket;
    default:
      return FileType::unknown;
  }
}

Timestamp timestamp(const timespec& time) {
  return {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
}

FileStat stat_from(const struct stat& info) {
  FileStat out;
  out.type = type_of(info.st_mode);
  out.links = info.st_nlink;
  out.size = info.st_size < 0 ? 0 : static_cast<std::uint64_t>(info.st_size);
  out.accessed = timestamp(info.st_atim);
  out.modified = timestamp(info.st_mtim);
  out.changed = timestamp(info.st_ctim);
  out.device = info.st_dev;
  out.inode = info.st_ino;
  return out;
}

IoResult<FileStat> stat_of(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return last_error();
  return stat_from(info);
}

IoResult<void> done(int result) {
  if (result != 0) return last_error();
  return {};
}

IoResult<std::array<timespec, 2>> times_of(NewTime accessed, NewTime modified) {
  std::array<timespec, 2> out{};
  for (std::size_t i = 0; i < 2; ++i) {
    const NewTime& time = i == 0 ? accessed : modified;
    out[i].tv_nsec = time.kind == NewTime::Kind::keep ? UTIME_OMIT : UTIME_NOW;
    if (time.kind != NewTime::Kind::set) continue;
    if (time.time.nanoseconds >= 1'000'000'000) return fail(ErrorCode::invalid);
    out[i] = {time.time.seconds, static_cast<long>(time.time.nanoseconds)};
  }
  return out;
}

/// Hands buffers to a call in pieces that the system takes, until one is not done whole.
template <class Buffers, class Call>
IoResult<std::size_t> in_pieces(Buffers buffers, Call call) {
  std::array<iovec, 64> parts;
  std::size_t total = 0;
  while (!buffers.empty()) {
    std::size_t n = 0;
    std::size_t bytes = 0;
    for (; n < std::min(buffers.size(), parts.size()); ++n) {
      // Buffers of one call fit into what it can count.
      const std::size_t size = std::min(buffers[n].size(), std::size_t{INT_MAX} - bytes);
      parts[n] = {const_cast<std::uint8_t*>(buffers[n].data()), size};
      bytes += size;
    }
    const ssize_t got = call(parts.data(), static_cast<int>(n), total);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (total != 0) break;
      return last_error();
    }
    total += static_cast<std::size_t>(got);
    if (static_cast<std::size_t>(got) < bytes) break;
    buffers = buffers.subspan(n);
  }
  return total;
}

class HostDirectory final : public Directory {
 public:
  explicit HostDirectory(UniqueFd fd) : fd_(std::move(fd)) {}

  IoResult<std::optional<DirectoryEntry>> next() override {
    const std::uint8_t* record = TENON_TRY(next_record());
    if (record == nullptr) return std::nullopt;
    DirectoryEntry entry;
    std::memcpy(&entry.inode, record, sizeof entry.inode);
    entry.cookie = given_;
    entry.name = name_of(record);
    entry.type = type_of_entry(record[18], entry.name);
    return entry;
  }

  IoResult<void> seek(std::uint64_t cookie) override {
    if (cookie == given_ && cookie != 0) return {};
    if (cookie == 0) walked_ = 0;
    std::uint64_t near = 0;
    std::uint64_t offset = 0;
    if (cookie != 0 && cookie <= walked_ && walked_ - cookie < recent_.size()) {
      near = cookie;
      offset = recent_[cookie % most_recent];
    } else if (const auto mark = std::min(cookie, walked_) / stride; mark != 0) {
      near = mark * stride;
      offset = marks_[mark - 1];
    }
    if (::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) return last_error();
    at_ = end_ = 0;
    given_ = near;
    while (given_ < cookie) {
      const std::uint8_t* record = TENON_TRY(next_record());
      if (record == nullptr) break;
    }
    return {};
  }

 private:
  /// The next one but `.` and `..`, counted; null at the end. A struct linux_dirent64: inode,
  /// offset, size of the record, type, name.
  IoResult<const std::uint8_t*> next_record() {
    while (true) {
      if (at_ == end_) {
        const long n = ::syscall(SYS_getdents64, fd_.get(), buffer_.data(), buffer_.size());
        if (n < 0) return last_error();
        if (n == 0) return nullptr;
        at_ = 0;
        end_ = static_cast<std::size_t>(n);
      }
      const std::uint8_t* record = buffer_.data() + at_;
      std::uint16_t size = 0;
      std::memcpy(&size, record + 16, sizeof size);
      at_ += size;
      const std::string_view name = name_of(record);
      if (name == "." || name == "..") continue;
      note_offset(record);
      return record;
    }
  }
  void note_offset(const std::uint8_t* record) {
    std::uint64_t offset = 0;
    std::memcpy(&offset, record + 8, sizeof offset);
    ++given_;
    if (recent_.size() < most_recent) recent_.resize(std::min(given_ + 1, most_recent));
    recent_[given_ % most_recent] = offset;
    if (given_ % stride == 0) {
      marks_.resize(std::max<std::size_t>(marks_.size(), given_ / stride));
      marks_[given_ / stride - 1] = offset;
    }
    walked_ = std::max(walked_, given_);
  }
  static const char* name_of(const std::uint8_t* record) {
    return reinterpret_cast<const char*>(record + 19);
  }

  [[nodiscard]] FileType type_of_entry(std::uint8_t type, const std::string& name) const {
    if (type != DT_UNKNOWN) return type_of(static_cast<mode_t>(type) << 12U);
    struct stat info{};
    if (::fstatat(fd_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return FileType::unknown;
    return type_of(info.st_mode);
  }

  // A cookie is the number of entries up to it: the offsets of the system have 63 bits, and
  // `telldir` of guests keeps 32. Offsets are kept for the last entries, so that a walk goes on
  // where it was although entries before it were removed, and for each so many of the others.
  static constexpr std::uint64_t most_recent = 4096;
  static constexpr std::uint64_t stride = 256;

  UniqueFd fd_;
  std::uint64_t given_ = 0;
  /// The largest that was given since the beginning.
  std::uint64_t walked_ = 0;
  std::vector<std::uint64_t> recent_;
  std::vector<std::uint64_t> marks_;
  alignas(8) std::array<std::uint8_t, 8192> buffer_{};
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

class HostDescriptor final : public Descriptor {
 public:
  HostDescriptor(std::shared_ptr<HostFs> fs, UniqueFd fd, FileType type, DescriptorFlags flags,
                 bool read_only)
      : fs_(std::move(fs)), fd_(std::move(fd)), type_(type), flags_(flags), read_only_(read_only) {}

  FileType type() const override { return type_; }
  DescriptorFlags flags() const override { return flags_; }
  bool may_mutate() const override { return !read_only_; }
  bool seekable() const override {
    return type_ == FileType::regular_file || type_ == FileType::block_device;
  }
  int wait_fd() const override { return seekable() || is_directory() ? -1 : fd_.get(); }

  IoResult<std::size_t> read_at(ReadBuffers into, std::uint64_t at) override {
    if (is_directory() || !flags_.read) return fail(ErrorCode::bad_descriptor);
    if (at > largest_offset) return fail(ErrorCode::invalid);
    return in_pieces(into, [&](const iovec* parts, int n, std::size_t before) {
      const auto from = static_cast<off_t>(at + before);
      return n == 1 ? ::pread(fd_.get(), parts->iov_base, parts->iov_len, from)
                    : ::preadv(fd_.get(), parts, n, from);
    });
  }
  IoResult<std::size_t> write_at(WriteBuffers bytes, std::uint64_t at) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (at > largest_offset) return fail(ErrorCode::file_too_large);
    return in_pieces(bytes, [&](const iovec* parts, int n, std::size_t before) {
      const auto to = static_cast<off_t>(at + before);
      return n == 1 ? ::pwrite(fd_.get(), parts->iov_base, parts->iov_len, to)
                    : ::pwritev(fd_.get(), parts, n, to);
    });
  }
  IoResult<std::size_t> append(WriteBuffers bytes) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (!seekable()) return write(bytes);
    return in_pieces(bytes, [&](const iovec* parts, int n, std::size_t) {
      return ::pwritev2(fd_.get(), parts, n, 0, RWF_APPEND);
    });
  }
  IoResult<std::size_t> read(ReadBuffers into) override {
    if (is_directory() || !flags_.read) return fail(ErrorCode::bad_descriptor);
    return in_pieces(
        into, [&](const iovec* parts, int n, std::size_t) { return ::readv(fd_.get(), parts, n); });
  }
  IoResult<std::size_t> write(WriteBuffers bytes) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    return in_pieces(bytes, [&](const iovec* parts, int n, std::size_t) {
      return ::writev(fd_.get(), parts, n);
    });
  }
  IoResult<void> set_size(std::uint64_t size) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (size > largest_offset) return fail(ErrorCode::invalid);
    return done(::ftruncate(fd_.get(), static_cast<off_t>(size)));
  }
  IoResult<void> allocate(std::uint64_t at, std::uint64_t size) override {
    if (is_directory() || !flags_.write) return fail(ErrorCode::bad_descriptor);
    if (size == 0 || at > largest_offset || size > largest_offset - at)
      return fail(size == 0 ? ErrorCode::invalid : ErrorCode::file_too_large);
    return done(::fallocate(fd_.get(), 0, static_cast<off_t>(at), static_cast<off_t>(size)));
  }
  IoResult<void> advise(std::uint64_t at, std::uint64_t size, Advice advice) override {
    if (is_directory()) return fail(ErrorCode::bad_descriptor);
    if (at > largest_offset || size > largest_offset) return fail(ErrorCode::invalid);
    constexpr std::array host = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                 POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
    const int error = ::posix_fadvise(fd_.get(), static_cast<off_t>(at), static_cast<off_t>(size),
                                      host[std::to_underlying(advice)]);
    if (error != 0) return fail(from_errno(error));
    return {};
  }
  IoResult<void> sync_data() override { return done(::fdatasync(fd_.get())); }
  IoResult<void> sync() override { return done(::fsync(fd_.get())); }
  IoResult<FileStat> stat() override { return stat_of(fd_.get()); }
  IoResult<void> set_times(NewTime accessed, NewTime modified) override {
    if (read_only_) return refuse_change();
    const auto times = times_of(accessed, modified);
    if (!times) return fail(times.error());
    return done(::futimens(fd_.get(), times->data()));
  }

  IoResult<DescriptorPtr> open_at(std::string_view path, bool follow, OpenFlags open,
                                  DescriptorFlags flags) override;
  IoResult<FileStat> stat_at(std::string_view path, bool follow) override {
    auto found = look(path, follow);
    if (!found) return fail(found.error());
    return stat_of(found->get());
  }
  IoResult<void> set_times_at(std::string_view path, bool follow, NewTime accessed,
                              NewTime modified) override;
  IoResult<void> create_directory_at(std::string_view path) override {
    const auto parent = parent_for_change(path);
    if (!parent) return fail(parent.error() == ErrorCode::busy ? ErrorCode::exist : parent.error());
    return done(::mkdirat(parent->fd, parent->name.c_str(), 0777));
  }
  IoResult<void> remove_directory_at(std::string_view path) override {
    const auto parent = parent_for_change(path);
    if (!parent)
      return fail(parent.error() == ErrorCode::busy ? ErrorCode::invalid : parent.error());
    return done(::unlinkat(parent->fd, parent->name.c_str(), AT_REMOVEDIR));
  }
  IoResult<void> unlink_file_at(std::string_view path) override;
  IoResult<void> rename_at(std::string_view from, Descriptor& to_directory,
                           std::string_view to) override;
  IoResult<void> link_at(std::string_view from, Descriptor& to_directory,
                         std::string_view to) override;
  IoResult<void> symlink_at(std::string_view target, std::string_view path) override;
  IoResult<std::string> readlink_at(std::string_view path) override;
  IoResult<std::unique_ptr<Directory>> list() override {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return last_error();
    return std::make_unique<HostDirectory>(UniqueFd(fd));
  }

 private:
  [[nodiscard]] std::unexpected<ErrorCode> refuse_change() const {
    if (fs_->refusals != nullptr) fs_->refusals->note(Refused::change);
    return fail(ErrorCode::read_only);
  }
  /// Opens without touching: for `fstat` and the like.
  IoResult<UniqueFd> look(std::string_view path, bool follow) {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    const auto clean = clean_path(path);
    if (!clean) return fail(clean.error());
    return open_beneath(*fs_, fd_.get(), *clean, O_PATH | (follow ? 0 : O_NOFOLLOW));
  }
  IoResult<Parent> parent(std::string_view path) {
    if (!is_directory()) return fail(ErrorCode::not_directory);
    return open_parent(*fs_, fd_.get(), path);
  }
  IoResult<Parent> parent_for_change(std::string_view path) {
    if (is_directory() && read_only_) return refuse_change();
    return parent(path);
  }
  /// What a rename or a link goes from and to.
  struct Ends {
    Parent source;
    Parent target;
  };
  IoResult<Ends> ends_for_change(std::string_view from, Descriptor& to_directory,
                                 std::string_view to) {
    auto* other = dynamic_cast<HostDescriptor*>(&to_directory);
    if (other == nullptr) return fail(ErrorCode::cross_device);
    auto source = parent_for_change(from);
    if (!source) return fail(source.error());
    auto target = other->parent_for_change(to);
    if (!target) return fail(target.error());
    return Ends{*std::move(source), *std::move(target)};
  }
  IoResult<UniqueFd> open_host(const CleanPath& path, bool follow, OpenFlags open,
                               DescriptorFlags flags);
  /// Whether an entry is a directory and no link to one; an error when it is not there.
  static IoResult<bool> is_directory_entry(const Parent& at) {
    const auto type = entry_type(at);
    if (!type) return fail(type.error());
    return *type == FileType::directory;
  }
  /// What an entry is itself.
  static IoResult<FileType> entry_type(const Parent& at) {
    struct stat info{};
    if (::fstatat(at.fd, at.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return last_error();
    return type_of(info.st_mode);
  }

  std::shared_ptr<HostFs> fs_;
  UniqueFd fd_;
  FileType type_;
  DescriptorFlags flags_;
  bool read_only_;
};

IoResult<UniqueFd> HostDescriptor::open_host(const CleanPath& path, bool follow, OpenFlags open,
                                             DescriptorFlags flags) {
  const bool writes = flags.write || open.truncate;
  // Devices and pipes must not make the host wait, nor a terminal become its own.
  int host = O_NOCTTY | O_NONBLOCK | (writes ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY);
  if (!follow) host |= O_NOFOLLOW;
  if (open.directory) host |= O_DIRECTORY;
  if (open.truncate) host |= O_TRUNC;
  if (flags.data_integrity_sync) host |= O_DSYNC;
  if (flags.file_integrity_sync || flags.requested_write_sync) host |= O_SYNC;
  if (!open.create) return open_beneath(*fs_, fd_.get(), path, host);
  if (!path.directory_required) {
    host |= O_CREAT | (open.exclusive ? O_EXCL : 0);
    return open_beneath(*fs_, fd_.get(), path, host, 0666);
  }
  // A file whose name ends in a slash cannot be made.
  auto found = open_beneath(*fs_, fd_.get(), path, host);
  if (found && open.exclusive) return fail(ErrorCode::exist);
  if (!found && found.error() == ErrorCode::no_entry) return fail(ErrorCode::is_directory);
  return found;
}

IoResult<DescriptorPtr> HostDescriptor::open_at(std::string_view path, bool follow, OpenFlags open,
                                                DescriptorFlags flags) {
  if (!is_directory()) return fail(ErrorCode::not_directory);
  if (open.create && open.directory) return fail(ErrorCode::invalid);
  if (read_only_ && (flags.write || open.create || open.truncate)) return refuse_change();
  // Nothing changes yet, and a program that then reads has missed nothing: no refusal to tell.
  if (read_only_ && flags.mutate_directory) return fail(ErrorCode::read_only);
  auto clean = clean_path(path);
  if (!clean) return fail(clean.error());
  auto opened = open_host(std::move(*clean), follow, open, flags);
  if (!opened) return fail(opened.error());
  const auto found = stat_of(opened->get());
  if (!found) return fail(found.error());
  return std::make_shared<HostDescriptor>(fs_, std::move(*opened), found->type, flags, read_only_);
}

IoResult<void> HostDescriptor::set_times_at(std::string_view path, bool follow, NewTime accessed,
                                            NewTime modified) {
  if (is_directory() && read_only_) return refuse_change();
  const auto times = times_of(accessed, modified);
  if (!times) return fail(times.error());
  auto found = look(path, follow);
  if (!found) return fail(found.error());
  if (::utimensat(found->get(), "", times->data(), AT_EMPTY_PATH) == 0) return {};
  if (errno != EINVAL && errno != ENOENT) return last_error();
  // Systems before Linux 5.8 know no empty path there.
  const std::string name = "/proc/self/fd/" + std::to_string(found->get());
  return done(::utimensat(AT_FDCWD, name.c_str(), times->data(), 0));
}

IoResult<void> HostDescriptor::unlink_file_at(std::string_view path) {
  const auto parent = parent_for_change(path);
  if (!parent)
    return fail(parent.error() == ErrorCode::busy ? ErrorCode::is_directory : parent.error());
  if (parent->directory_required) {
    const auto directory = is_directory_entry(*parent);
    if (!directory) return fail(directory.error());
    return fail(*directory ? ErrorCode::is_directory : ErrorCode::not_directory);
  }
  return done(::unlinkat(parent->fd, parent->name.c_str(), 0));
}

IoResult<void> HostDescriptor::rename_at(std::string_view from, Descriptor& to_directory,
                                         std::string_view to) {
  const auto ends = ends_for_change(from, to_directory, to);
  if (!ends) return fail(ends.error());
  const auto& [source, target] = *ends;
  if (source.directory_required || target.directory_required) {
    // Slashes ask for a directory; a link to one is none, and is not looked behind.
    const auto directory = is_directory_entry(source);
    if (!directory) return fail(directory.error());
    if (!*directory) return fail(ErrorCode::not_directory);
  }
  return done(::renameat(source.fd, source.name.c_str(), target.fd, target.name.c_str()));
}

IoResult<void> HostDescriptor::link_at(std::string_view from, Descriptor& to_directory,
                                       std::string_view to) {
  const auto ends = ends_for_change(from, to_directory, to);
  if (!ends && ends.error() == ErrorCode::busy) {
    // `.` and `..` are directories, and those are there.
    return fail(parent_for_change(from) ? ErrorCode::exist : ErrorCode::not_permitted);
  }
  if (!ends) return fail(ends.error());
  const auto& [source, target] = *ends;
  if (source.directory_required) {
    const auto directory = is_directory_entry(source);
    if (!directory) return fail(directory.error());
    return fail(*directory ? ErrorCode::not_permitted : ErrorCode::not_directory);
  }
  if (target.directory_required) {
    const auto directory = is_directory_entry(target);
    return fail(directory ? ErrorCode::exist : ErrorCode::no_entry);
  }
  return done(::linkat(source.fd, source.name.c_str(), target.fd, target.name.c_str(), 0));
}

IoResult<void> HostDescriptor::symlink_at(std::string_view target, std::string_view path) {
  const auto parent = parent_for_change(path);
  if (!parent) return fail(parent.error() == ErrorCode::busy ? ErrorCode::exist : parent.error());
  if (target.find('\0') != std::string_view::npos) return fail(ErrorCode::invalid);
  if (target.starts_with('/')) return fail(ErrorCode::not_permitted);
  if (parent->directory_required) {
    // A link is there, wherever it leads; of a file, a slash behind it says that it is none.
    const auto type = entry_type(*parent);
    if (!type) return fail(type.error());
    const bool is_there = *type == FileType::directory || *type == FileType::symbolic_link;
    return fail(is_there ? ErrorCode::exist : ErrorCode::not_directory);
  }
  return done(::symlinkat(std::string(target).c_str(), parent->fd, parent->name.c_str()));
}

IoResult<std::string> HostDescriptor::readlink_at(std::string_view path) {
  const auto at = parent(path);
  // The end is `.` or `..`, which is no link.
  if (!at) return fail(at.error() == ErrorCode::busy ? ErrorCode::invalid : at.error());
  if (at->directory_required) {
    // What a link with slashes behind it names is no link.
    const auto found = look(path, true);
    return fail(found ? ErrorCode::invalid : found.error());
  }
  std::array<char, PATH_MAX> target{};
  const ssize_t n = ::readlinkat(at->fd, at->name.c_str(), target.data(), target.size());
  if (n < 0) return last_error();
  // It names a place of the host's, which the guest cannot reach and need not know.
  if (n > 0 && target[0] == '/') return fail(ErrorCode::not_permitted);
  return std::string(target.data(), static_cast<std::size_t>(n));
}

}  // namespace

IoResult<DescriptorPtr> open_host_directory(const std::string& path,
                                            const HostDirectoryOptions& options) {
  if (path.find('\0') != std::string::npos) return fail(ErrorCode::invalid);
  int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 && errno == EACCES) fd = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return last_error();
  auto fs = std::make_shared<HostFs>();
  fs->walk = options.walk;
  fs->refusals = options.refusals;
  DescriptorFlags flags;
  flags.read = true;
  flags.mutate_directory = !options.read_only;
  return std::make_shared<HostDescriptor>(std::move(fs), UniqueFd(fd), FileType::directory, flags,
                                          options.read_only);
}

}  // namespace tenon::wasi
