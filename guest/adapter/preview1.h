// SPDX-License-Identifier: Apache-2.0
// The types of WASI preview1, as they lie in the memory of the program.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace adapter {

/// Numbers of typenames.witx. A function's core result is an i32.
enum class Errno : uint32_t {
  success = 0,
  acces = 2,
  again = 6,
  already = 7,
  badf = 8,
  busy = 10,
  deadlk = 16,
  dquot = 19,
  exist = 20,
  fbig = 22,
  ilseq = 25,
  inprogress = 26,
  intr = 27,
  inval = 28,
  io = 29,
  isdir = 31,
  loop = 32,
  mlink = 34,
  msgsize = 35,
  nametoolong = 37,
  nodev = 43,
  noent = 44,
  nolck = 46,
  nomem = 48,
  nospc = 51,
  nosys = 52,
  notdir = 54,
  notempty = 55,
  notrecoverable = 56,
  notsock = 57,
  notsup = 58,
  notty = 59,
  nxio = 60,
  overflow = 61,
  perm = 63,
  pipe = 64,
  rofs = 69,
  spipe = 70,
  txtbsy = 74,
  xdev = 75,
  notcapable = 76,
};

enum class Filetype : uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  socket_dgram,
  socket_stream,
  symbolic_link,
};

enum class Whence : uint8_t { set, cur, end };

namespace fdflags {
inline constexpr uint16_t append = 1;
inline constexpr uint16_t dsync = 2;
inline constexpr uint16_t nonblock = 4;
inline constexpr uint16_t rsync = 8;
inline constexpr uint16_t sync = 16;
}  // namespace fdflags

namespace fstflags {
inline constexpr uint16_t atim = 1;
inline constexpr uint16_t atim_now = 2;
inline constexpr uint16_t mtim = 4;
inline constexpr uint16_t mtim_now = 8;
}  // namespace fstflags

namespace oflags {
inline constexpr uint16_t creat = 1;
inline constexpr uint16_t directory = 2;
inline constexpr uint16_t excl = 4;
inline constexpr uint16_t trunc = 8;
}  // namespace oflags

namespace rights {
inline constexpr uint64_t fd_datasync = 1ULL << 0;
inline constexpr uint64_t fd_read = 1ULL << 1;
inline constexpr uint64_t fd_seek = 1ULL << 2;
inline constexpr uint64_t fd_fdstat_set_flags = 1ULL << 3;
inline constexpr uint64_t fd_sync = 1ULL << 4;
inline constexpr uint64_t fd_tell = 1ULL << 5;
inline constexpr uint64_t fd_write = 1ULL << 6;
inline constexpr uint64_t fd_advise = 1ULL << 7;
inline constexpr uint64_t fd_allocate = 1ULL << 8;
inline constexpr uint64_t fd_readdir = 1ULL << 14;
inline constexpr uint64_t fd_filestat_get = 1ULL << 21;
inline constexpr uint64_t fd_filestat_set_size = 1ULL << 22;
inline constexpr uint64_t fd_filestat_set_times = 1ULL << 23;
inline constexpr uint64_t poll_fd_readwrite = 1ULL << 27;
/// No function of preview1 needs it but `path_open` that truncates.
inline constexpr uint64_t path_filestat_set_size = 1ULL << 19;
/// Bits 9 to 20 and 24 to 26: what a directory is for.
inline constexpr uint64_t of_directories = 0x71FFE00ULL & ~path_filestat_set_size;
inline constexpr uint64_t all = ((1ULL << 28) - 1) & ~path_filestat_set_size;
}  // namespace rights

struct Iovec {
  uint8_t* buf;
  uint32_t len;
};

struct Fdstat {
  Filetype filetype;
  uint16_t flags;
  uint64_t rights_base;
  uint64_t rights_inheriting;
};
static_assert(sizeof(Fdstat) == 24);

struct Filestat {
  uint64_t dev;
  uint64_t ino;
  Filetype filetype;
  uint64_t nlink;
  uint64_t size;
  uint64_t atim;
  uint64_t mtim;
  uint64_t ctim;
};
static_assert(sizeof(Filestat) == 64);

struct Prestat {
  uint8_t tag;
  uint32_t name_len;
};

struct Dirent {
  uint64_t next;
  uint64_t ino;
  uint32_t name_len;
  Filetype type;
};
static_assert(sizeof(Dirent) == 24);

enum class Clock : uint32_t { realtime, monotonic, process_cputime, thread_cputime };

enum class EventType : uint8_t { clock, fd_read, fd_write };

struct Subscription {
  uint64_t userdata;
  EventType type;
  union {
    struct {
      Clock id;
      uint64_t timeout;
      uint64_t precision;
      /// Bit 0: `timeout` is a time, not a span.
      uint16_t flags;
    } clock;
    uint32_t fd;
  };
};
static_assert(sizeof(Subscription) == 48);

struct Event {
  uint64_t userdata;
  uint16_t error;
  EventType type;
  uint64_t nbytes;
  /// Bit 0: hangup.
  uint16_t flags;
};
static_assert(sizeof(Event) == 32);

}  // namespace adapter

/// A function of `wasi_snapshot_preview1`.
#define PREVIEW1(name) extern "C" __attribute__((export_name(#name))) adapter::Errno name
