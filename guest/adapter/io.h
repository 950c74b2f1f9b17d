// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "descriptors.h"

namespace adapter {

/// What one call asks a host for: hosts allocate it before they look.
inline constexpr uint32_t piece = 256 * 1024;

/// The first buffer that holds anything, the end when none does: at 0 a program may have its own.
const Iovec* first_of(const Iovec* buffers, uint32_t count);

/// Writes all of it. What is more than a little goes as far as the stream takes it, and is flushed
/// at the end. `size` is not 0.
Errno write_all(Handle stream, const uint8_t* data, uint32_t size);

/// Reads until the buffers are full or the host gives less than it was asked for.
Errno read_file(Handle file, const Iovec* buffers, uint32_t count, uint64_t offset, uint32_t& read);
Errno write_file(Handle file, const Iovec* buffers, uint32_t count, uint64_t offset,
                 uint32_t& written);
/// Writes at the end, wherever that is when the host writes.
Errno append(Handle file, const Iovec* buffers, uint32_t count, uint32_t& written);

}  // namespace adapter
