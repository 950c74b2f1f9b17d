// SPDX-License-Identifier: Apache-2.0
// File descriptors: small numbers for what 0.2 gives handles of resources.
#pragma once

#include "memory.h"

namespace adapter {

/// `lost`: a preopened directory of the initialisation (`tenon preinit`) that is not granted now.
/// Its number is not used for others, since the program's libc knows it by its path.
enum class Kind : uint8_t { closed, input, output, file, directory, lost };

/// A directory that is being read.
struct Reader {
  Handle entries;
  /// Of the entry that comes next; 0 and 1 are `.` and `..`.
  uint64_t cookie;
  /// The entry was read from the host, and not yet given to the program whole.
  bool has_pending;
  bool is_open;
  DirectoryEntry pending;
  /// Where its name lies.
  Arena name;
  /// Of those that nobody uses.
  Reader* next_free;
};

/// A preopened directory that the program has closed: it stays so where the program goes on after
/// an initialisation.
struct ClosedFolder {
  String name;
  ClosedFolder* next;
  /// Among the directories that are there now, one was found to be this.
  bool is_bound;
};

struct Descriptor {
  Kind kind;
  /// A stream of the program's three: which one.
  uint8_t stdio;
  bool is_preopen;
  /// The handle of a stream or of a preopened directory is there.
  bool has_handle;
  /// `append` and `nonblock`, which 0.2 does not know.
  uint16_t flags;
  /// A file that has no places, only what comes next: a FIFO, a terminal.
  bool is_stream;
  Handle handle;
  /// Of the next read or write.
  uint64_t position;
  /// Of a preopened directory.
  String name;
  Reader* reader;
};

/// The descriptor of a number; null when it is closed or never was.
Descriptor* find(uint32_t fd);
/// The same, of one kind. `error` says why there is none.
Descriptor* find(uint32_t fd, Kind kind, Errno& error);

/// The lowest free number from `from` on, for what is filled in at once. The table may move.
uint32_t add(const Descriptor& descriptor, uint32_t from = 0);

/// The handle of a standard stream, asked for when it is first used. Two functions, so that a
/// program that only writes does not import what it would read.
Handle input_of(Descriptor& descriptor);
Handle output_of(Descriptor& descriptor);

/// Gives back what the host holds for it and makes its number free.
void close(Descriptor& descriptor);

/// Makes a directory reader free for others.
void stop_reading(Descriptor& descriptor);
/// The same, but the handle of the entries is the caller's then.
void forget_reader(Descriptor& descriptor);

}  // namespace adapter
