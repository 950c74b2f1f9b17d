// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <utility>
#include <variant>

#include "tenon/engine/trap.h"
#include "tenon/wasi/core/error.h"

// The numbers of wasi_snapshot_preview1. Spec: preview1/typenames.witx.
namespace tenon::wasi::p1 {

/// Those that the substrate's errors do not have.
enum class Errno : std::uint16_t {
  success = 0,
  again = 6,
  badf = 8,
  ilseq = 25,
  inval = 28,
  isdir = 31,
  mfile = 33,
  nametoolong = 37,
  nosys = 52,
  notdir = 54,
  notsock = 57,
  notsup = 58,
  perm = 63,
  spipe = 70,
  notcapable = 76,
};

/// Why a function ends early: the errno that the guest is told, or a trap.
class Stop {
 public:
  Stop(Errno number) : why_(std::to_underlying(number)) {}  // NOLINT(google-explicit-constructor)
  Stop(ErrorCode code) : why_(preview1_errno(code)) {}      // NOLINT(google-explicit-constructor)
  Stop(engine::Trap trap) : why_(std::move(trap)) {}        // NOLINT(google-explicit-constructor)
  [[nodiscard]] engine::Trap* trap() { return std::get_if<engine::Trap>(&why_); }
  [[nodiscard]] std::uint16_t number() const {
    const auto* found = std::get_if<std::uint16_t>(&why_);
    return found == nullptr ? 0 : *found;
  }

 private:
  std::variant<std::uint16_t, engine::Trap> why_;
};

template <class T>
using Answer = std::expected<T, Stop>;
[[nodiscard]] inline std::unexpected<Stop> stop(Stop why) {
  return std::unexpected(std::move(why));
}

using Rights = std::uint64_t;
namespace rights {
inline constexpr Rights fd_datasync = 1U << 0U;
inline constexpr Rights fd_read = 1U << 1U;
inline constexpr Rights fd_seek = 1U << 2U;
inline constexpr Rights fd_fdstat_set_flags = 1U << 3U;
inline constexpr Rights fd_sync = 1U << 4U;
inline constexpr Rights fd_tell = 1U << 5U;
inline constexpr Rights fd_write = 1U << 6U;
inline constexpr Rights fd_advise = 1U << 7U;
inline constexpr Rights fd_allocate = 1U << 8U;
inline constexpr Rights path_create_directory = 1U << 9U;
inline constexpr Rights path_create_file = 1U << 10U;
inline constexpr Rights path_link_source = 1U << 11U;
inline constexpr Rights path_link_target = 1U << 12U;
inline constexpr Rights path_open = 1U << 13U;
inline constexpr Rights fd_readdir = 1U << 14U;
inline constexpr Rights path_readlink = 1U << 15U;
inline constexpr Rights path_rename_source = 1U << 16U;
inline constexpr Rights path_rename_target = 1U << 17U;
inline constexpr Rights path_filestat_get = 1U << 18U;
inline constexpr Rights path_filestat_set_size = 1U << 19U;
inline constexpr Rights path_filestat_set_times = 1U << 20U;
inline constexpr Rights fd_filestat_get = 1U << 21U;
inline constexpr Rights fd_filestat_set_size = 1U << 22U;
inline constexpr Rights fd_filestat_set_times = 1U << 23U;
inline constexpr Rights path_symlink = 1U << 24U;
inline constexpr Rights path_remove_directory = 1U << 25U;
inline constexpr Rights path_unlink_file = 1U << 26U;
inline constexpr Rights poll_fd_readwrite = 1U << 27U;
inline constexpr Rights all = (1U << 30U) - 1;

/// What can be asked of a file, of a directory, of a stream.
inline constexpr Rights file = fd_datasync | fd_read | fd_seek | fd_fdstat_set_flags | fd_sync |
                               fd_tell | fd_write | fd_advise | fd_allocate | fd_filestat_get |
                               fd_filestat_set_size | fd_filestat_set_times | poll_fd_readwrite;
inline constexpr Rights directory =
    fd_fdstat_set_flags | fd_sync | fd_advise | path_create_directory | path_create_file |
    path_link_source | path_link_target | path_open | fd_readdir | path_readlink |
    path_rename_source | path_rename_target | path_filestat_get | path_filestat_set_size |
    path_filestat_set_times | fd_filestat_get | fd_filestat_set_times | path_symlink |
    path_remove_directory | path_unlink_file | poll_fd_readwrite;
inline constexpr Rights stream = fd_fdstat_set_flags | fd_filestat_get | poll_fd_readwrite;
/// What a read-only grant takes away.
inline constexpr Rights mutating =
    fd_datasync | fd_write | fd_allocate | path_create_directory | path_create_file |
    path_link_source | path_link_target | path_rename_source | path_rename_target |
    path_filestat_set_size | path_filestat_set_times | fd_filestat_set_size |
    fd_filestat_set_times | path_symlink | path_remove_directory | path_unlink_file;
}  // namespace rights

namespace fdflags {
inline constexpr std::uint32_t append = 1;
inline constexpr std::uint32_t dsync = 2;
inline constexpr std::uint32_t nonblock = 4;
inline constexpr std::uint32_t rsync = 8;
inline constexpr std::uint32_t sync = 16;
inline constexpr std::uint32_t all = 31;
}  // namespace fdflags

namespace oflags {
inline constexpr std::uint32_t creat = 1;
inline constexpr std::uint32_t directory = 2;
inline constexpr std::uint32_t excl = 4;
inline constexpr std::uint32_t trunc = 8;
inline constexpr std::uint32_t all = 15;
}  // namespace oflags

namespace fstflags {
inline constexpr std::uint32_t atim = 1;
inline constexpr std::uint32_t atim_now = 2;
inline constexpr std::uint32_t mtim = 4;
inline constexpr std::uint32_t mtim_now = 8;
inline constexpr std::uint32_t all = 15;
}  // namespace fstflags

namespace filetype {
inline constexpr std::uint8_t unknown = 0;
inline constexpr std::uint8_t block_device = 1;
inline constexpr std::uint8_t character_device = 2;
inline constexpr std::uint8_t directory = 3;
inline constexpr std::uint8_t regular_file = 4;
inline constexpr std::uint8_t socket_stream = 6;
inline constexpr std::uint8_t symbolic_link = 7;
}  // namespace filetype

enum class ClockId : std::uint32_t { realtime, monotonic, process_cputime, thread_cputime };
enum class EventType : std::uint8_t { clock, fd_read, fd_write };
inline constexpr std::uint32_t lookup_symlink_follow = 1;

}  // namespace tenon::wasi::p1
