// SPDX-License-Identifier: Apache-2.0
// Reading and writing. The standard streams are streams of 0.2; files (file_io.cpp) are read and
// written at an offset, which needs no stream, except to append. A FIFO or a terminal has no
// offsets: a host's `read` refuses it, and a stream of it serves for one call.
#include "errors.h"
#include "io.h"

namespace adapter {
namespace {

/// What `blocking-write-and-flush` takes.
constexpr uint32_t small_write = 4096;

/// Waits for a first byte, unless it must not, and takes what is there.
Errno read_stream(const Descriptor& d, Handle stream, const Iovec& into, uint32_t& read) {
  Arena to = buffer(into.buf, least(into.len, piece));
  const auto size = static_cast<uint64_t>(to.end - to.begin);
  Streamed<List<uint8_t>> got;
  {
    const Into taker(to);
    if ((d.flags & fdflags::nonblock) != 0) {
      wasi_read(stream, size, &got);
    } else {
      wasi_blocking_read(stream, size, &got);
    }
  }
  if (got.failed) return errno_of(got.error);
  read = got.value.size;
  return read == 0 ? Errno::again : Errno::success;
}

Errno write_failure(const StreamError& error) {
  const Errno why = errno_of(error);
  return why == Errno::success ? Errno::pipe : why;
}

/// Writes as much as is taken at once.
Errno write_some(Handle stream, const Iovec& from, uint32_t& written) {
  Streamed<uint64_t> permit;
  wasi_check_write(stream, &permit);
  if (permit.failed) return write_failure(permit.error);
  const auto part = static_cast<uint32_t>(least<uint64_t>(from.len, permit.value));
  if (part == 0) return Errno::again;
  Streamed<Nothing> done;
  wasi_write(stream, from.buf, part, &done);
  if (done.failed) return write_failure(done.error);
  written = part;
  return Errno::success;
}

/// From the first buffer on that holds anything.
Errno write_stream(const Descriptor& d, Handle stream, const Iovec* first, const Iovec* end,
                   uint32_t& written) {
  if ((d.flags & fdflags::nonblock) != 0) return write_some(stream, *first, written);
  for (const Iovec* b = first; b != end; ++b) {
    if (b->len == 0) continue;
    const Errno error = write_all(stream, b->buf, b->len);
    // What was written counts; the failure stays, and the next call meets it.
    if (error != Errno::success) return written == 0 ? error : Errno::success;
    written += b->len;
  }
  return Errno::success;
}

[[maybe_unused]] Errno read_once(const Descriptor& d, const Iovec& into, uint32_t& read) {
  Outcome<Handle> stream;
  wasi_read_stream(d.handle, 0, &stream);
  if (stream.failed) return errno_of(stream.code);
  const Errno error = read_stream(d, stream.value, into, read);
  wasi_drop_input(stream.value);
  return error;
}

[[maybe_unused]] Errno write_once(const Descriptor& d, const Iovec* first, const Iovec* end,
                                  uint32_t& written) {
  Outcome<Handle> stream;
  wasi_append_stream(d.handle, &stream);
  if (stream.failed) return errno_of(stream.code);
  const Errno error = write_stream(d, stream.value, first, end, written);
  wasi_drop_output(stream.value);
  return error;
}

/// A file of which the program said where it is read or written.
Errno file_of(uint32_t fd, Handle& out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  const Descriptor* const d = find(fd);
  if (d == nullptr) return Errno::badf;
  if (d->kind == Kind::directory) return Errno::isdir;
  if (d->kind != Kind::file) return Errno::spipe;
  out = d->handle;
  return Errno::success;
}

}  // namespace

const Iovec* first_of(const Iovec* buffers, uint32_t count) {
  for (const Iovec* b = buffers; b != buffers + count; ++b) {
    if (b->len != 0) return b;
  }
  return buffers + count;
}

Errno write_all(Handle stream, const uint8_t* data, uint32_t size) {
  Streamed<Nothing> done;
  while (size > small_write) {
    Streamed<uint64_t> permit;
    wasi_check_write(stream, &permit);
    if (permit.failed) return write_failure(permit.error);
    const auto part = static_cast<uint32_t>(least<uint64_t>(size, permit.value));
    if (part == 0) {
      wasi_blocking_flush(stream, &done);
    } else {
      wasi_write(stream, data, part, &done);
      data += part;
      size -= part;
    }
    if (done.failed) return write_failure(done.error);
  }
  if (size == 0) {
    wasi_blocking_flush(stream, &done);
  } else {
    wasi_blocking_write(stream, data, size, &done);
  }
  return done.failed ? write_failure(done.error) : Errno::success;
}

}  // namespace adapter

using namespace adapter;

PREVIEW1(fd_read)(uint32_t fd, const Iovec* buffers, uint32_t count, uint32_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  *out = 0;
  Descriptor* const d = find(fd);
  if (d == nullptr || d->kind == Kind::output) return Errno::badf;
  const Iovec* const first = first_of(buffers, count);
  const bool nothing = first == buffers + count;
  if (d->kind == Kind::input)
    return nothing ? Errno::success : read_stream(*d, input_of(*d), *first, *out);
  if constexpr (has_files) {
    if (d->kind == Kind::directory) return Errno::isdir;
    if (d->is_stream) return nothing ? Errno::success : read_once(*d, *first, *out);
    const Errno error = read_file(d->handle, buffers, count, d->position, *out);
    d->position += *out;
    return error;
  }
  return Errno::badf;
}

PREVIEW1(fd_write)(uint32_t fd, const Iovec* buffers, uint32_t count, uint32_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  *out = 0;
  Descriptor* const d = find(fd);
  if (d == nullptr || d->kind == Kind::input) return Errno::badf;
  const Iovec* const first = first_of(buffers, count);
  const Iovec* const end = buffers + count;
  if (d->kind == Kind::output)
    return first == end ? Errno::success : write_stream(*d, output_of(*d), first, end, *out);
  if constexpr (has_files) {
    if (d->kind == Kind::directory) return Errno::isdir;
    if (d->is_stream) return first == end ? Errno::success : write_once(*d, first, end, *out);
    if ((d->flags & fdflags::append) == 0) {
      const Errno error = write_file(d->handle, buffers, count, d->position, *out);
      d->position += *out;
      return error;
    }
    const Errno error = append(d->handle, buffers, count, *out);
    if (*out == 0) return error;
    Outcome<DescriptorStat> stat;
    wasi_stat(d->handle, &stat);
    d->position = stat.failed ? d->position + *out : stat.value.size;
    return Errno::success;
  }
  return Errno::badf;
}

PREVIEW1(fd_pread)
(uint32_t fd, const Iovec* buffers, uint32_t count, uint64_t offset, uint32_t* out) {
  Handle file = 0;
  if (const Errno error = file_of(fd, file); error != Errno::success) return error;
  *out = 0;
  if constexpr (has_files) return read_file(file, buffers, count, offset, *out);
  return Errno::badf;
}

PREVIEW1(fd_pwrite)
(uint32_t fd, const Iovec* buffers, uint32_t count, uint64_t offset, uint32_t* out) {
  Handle file = 0;
  if (const Errno error = file_of(fd, file); error != Errno::success) return error;
  *out = 0;
  if constexpr (has_files) return write_file(file, buffers, count, offset, *out);
  return Errno::badf;
}

PREVIEW1(fd_seek)(uint32_t fd, int64_t offset, Whence whence, uint64_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  Descriptor* const d = find(fd);
  if (d == nullptr) return Errno::badf;
  if (d->kind == Kind::directory) return Errno::badf;
  if (d->kind != Kind::file || d->is_stream) return Errno::spipe;
  if constexpr (has_files) {
    uint64_t from = 0;
    if (whence == Whence::cur) {
      from = d->position;
    } else if (whence == Whence::end) {
      Outcome<DescriptorStat> stat;
      wasi_stat(d->handle, &stat);
      if (stat.failed) return errno_of(stat.code);
      from = stat.value.size;
    } else if (whence != Whence::set) {
      return Errno::inval;
    }
    int64_t to = 0;
    if (__builtin_add_overflow(static_cast<int64_t>(from), offset, &to) || to < 0)
      return Errno::inval;
    d->position = static_cast<uint64_t>(to);
    *out = d->position;
  }
  return Errno::success;
}

PREVIEW1(fd_tell)(uint32_t fd, uint64_t* out) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  const Descriptor* const d = find(fd);
  if (d == nullptr || d->kind == Kind::directory) return Errno::badf;
  if (d->kind != Kind::file || d->is_stream) return Errno::spipe;
  *out = d->position;
  return Errno::success;
}
