// SPDX-License-Identifier: Apache-2.0
// What files and directories have in common, by descriptor and by path.
#pragma once

#include "descriptors.h"

namespace adapter {

/// A path as preview1 gives it.
struct Path {
  const char* data;
  uint32_t size;
};

/// A host takes strings that are UTF-8 and nothing else.
bool is_utf8(const char* data, uint32_t size);

/// A directory to begin from and a path that can be handed on.
Errno directory_of(uint32_t fd, const Path& path, Handle& out);

Filetype filetype_of(DescriptorType type);

/// Fills all but `ino`.
void fill(Filestat& out, const DescriptorStat& stat);

/// A time to set, in its flat form.
struct NewTime {
  uint32_t kind;
  Datetime value;
};
/// The two times that `flags` ask for; `inval` when these contradict each other.
Errno new_times(uint64_t atim, uint64_t mtim, uint16_t flags, NewTime& access, NewTime& change);

}  // namespace adapter
