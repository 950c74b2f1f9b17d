// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenon/base/bytes.h"
#include "tenon/wasi/core/clock.h"
#include "tenon/wasi/core/error.h"

namespace tenon::wasi {

/// In the order of `descriptor-type` of wasi:filesystem/types.
enum class FileType : std::uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  fifo,
  symbolic_link,
  regular_file,
  socket,
};

/// What an open file or directory is used for.
struct DescriptorFlags {
  bool read = false;
  bool write = false;
  bool file_integrity_sync = false;
  bool data_integrity_sync = false;
  bool requested_write_sync = false;
  /// Asked of a directory: entries are made and removed through it.
  bool mutate_directory = false;
  friend bool operator==(const DescriptorFlags&, const DescriptorFlags&) = default;
};

struct OpenFlags {
  bool create = false;
  bool directory = false;
  bool exclusive = false;
  bool truncate = false;
};

struct FileStat {
  FileType type = FileType::unknown;
  std::uint64_t links = 0;
  std::uint64_t size = 0;
  /// None where the file system keeps none.
  std::optional<Timestamp> accessed;
  std::optional<Timestamp> modified;
  std::optional<Timestamp> changed;
  /// Tell objects apart while they are there; `Context` hashes them before a guest of 0.2 sees
  /// them.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

/// A time to set: keep what is there, the time of the call, or a given one.
struct NewTime {
  enum class Kind : std::uint8_t { keep, now, set };
  Kind kind = Kind::keep;
  Timestamp time;
};

enum class Advice : std::uint8_t {
  normal,
  sequential,
  random,
  will_need,
  dont_need,
  no_reuse,
};

struct DirectoryEntry {
  std::string name;
  FileType type = FileType::unknown;
  std::uint64_t inode = 0;
  /// Where `Directory::seek` goes on behind this entry; never 0.
  std::uint64_t cookie = 0;
};

/// A walk over the entries of a directory, without `.` and `..`. Has its own position, so that
/// several do not disturb each other. What is made or removed meanwhile may be seen or not; the
/// others are seen once.
class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;
  /// None at the end. A name that is no UTF-8 is given as it is; an ABI makes
  /// `illegal_byte_sequence` of it.
  [[nodiscard]] virtual IoResult<std::optional<DirectoryEntry>> next() = 0;
  /// Goes behind the entry that had this cookie; 0: to the beginning.
  [[nodiscard]] virtual IoResult<void> seek(std::uint64_t cookie) = 0;
};

using ReadBuffers = std::span<const std::span<std::uint8_t>>;
using WriteBuffers = std::span<const ByteSpan>;

class Descriptor;
using DescriptorPtr = std::shared_ptr<Descriptor>;

/// An open file or directory. What it may be used for is fixed when it is opened, and what a grant
/// forbids its children are forbidden too.
///
/// Paths are bytes without NUL, relative to the directory, with `/` between names. No operation
/// leaves the directory: an absolute path, `..` above it and links that lead out are
/// `not_permitted`, also while others rename what lies below. A slash at the end asks for a
/// directory. An operation of the wrong kind gives `not_directory`, `is_directory` or
/// `bad_descriptor`. Not thread-safe, but streams of one descriptor may share it.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  virtual ~Descriptor() = default;

  [[nodiscard]] virtual FileType type() const = 0;
  [[nodiscard]] bool is_directory() const { return type() == FileType::directory; }
  /// As it was opened.
  [[nodiscard]] virtual DescriptorFlags flags() const = 0;
  /// Whether the grant lets files and entries be changed.
  [[nodiscard]] virtual bool may_mutate() const = 0;
  /// For `Store::wait` where `read` or `write` gave `would_block`; -1: they never do.
  [[nodiscard]] virtual int wait_fd() const { return -1; }

  // Files.
  /// Whether bytes have places; a pipe and a terminal have none, and `read`/`write` alone serve.
  [[nodiscard]] virtual bool seekable() const { return true; }
  /// Fewer bytes than asked for at the end of the file only, 0 behind it.
  [[nodiscard]] virtual IoResult<std::size_t> read_at(ReadBuffers into, std::uint64_t at) = 0;
  [[nodiscard]] virtual IoResult<std::size_t> write_at(WriteBuffers bytes, std::uint64_t at) = 0;
  /// Writes at the end, whatever others write meanwhile.
  [[nodiscard]] virtual IoResult<std::size_t> append(WriteBuffers bytes) = 0;
  /// Of what is not seekable.
  [[nodiscard]] virtual IoResult<std::size_t> read(ReadBuffers into);
  [[nodiscard]] virtual IoResult<std::size_t> write(WriteBuffers bytes);
  [[nodiscard]] virtual IoResult<void> set_size(std::uint64_t size) = 0;
  /// Makes the file at least so large and its blocks be there.
  [[nodiscard]] virtual IoResult<void> allocate(std::uint64_t at, std::uint64_t size) = 0;
  [[nodiscard]] virtual IoResult<void> advise(std::uint64_t at, std::uint64_t size,
                                              Advice advice) = 0;
  [[nodiscard]] virtual IoResult<void> sync_data() = 0;

  // Files and directories.
  [[nodiscard]] virtual IoResult<FileStat> stat() = 0;
  [[nodiscard]] virtual IoResult<void> set_times(NewTime accessed, NewTime modified) = 0;
  [[nodiscard]] virtual IoResult<void> sync() = 0;

  // Directories.
  /// `follow`: of a link as the last name. Neither `read` nor `write`: for looking at.
  [[nodiscard]] virtual IoResult<DescriptorPtr> open_at(std::string_view path, bool follow,
                                                        OpenFlags open, DescriptorFlags flags) = 0;
  [[nodiscard]] virtual IoResult<FileStat> stat_at(std::string_view path, bool follow) = 0;
  [[nodiscard]] virtual IoResult<void> set_times_at(std::string_view path, bool follow,
                                                    NewTime accessed, NewTime modified) = 0;
  [[nodiscard]] virtual IoResult<void> create_directory_at(std::string_view path) = 0;
  [[nodiscard]] virtual IoResult<void> remove_directory_at(std::string_view path) = 0;
  [[nodiscard]] virtual IoResult<void> unlink_file_at(std::string_view path) = 0;
  /// Both directories must be of one file system (of the host, or one in memory), else
  /// `cross_device`; both must be mutable.
  [[nodiscard]] virtual IoResult<void> rename_at(std::string_view from, Descriptor& to_directory,
                                                 std::string_view to) = 0;
  /// A second name for a file; a link as the last name is not followed.
  [[nodiscard]] virtual IoResult<void> link_at(std::string_view from, Descriptor& to_directory,
                                               std::string_view to) = 0;
  /// `target` is kept as it is; an absolute one is `not_permitted`.
  [[nodiscard]] virtual IoResult<void> symlink_at(std::string_view target,
                                                  std::string_view path) = 0;
  [[nodiscard]] virtual IoResult<std::string> readlink_at(std::string_view path) = 0;
  [[nodiscard]] virtual IoResult<std::unique_ptr<Directory>> list() = 0;
};

}  // namespace tenon::wasi
