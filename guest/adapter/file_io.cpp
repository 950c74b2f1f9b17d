// SPDX-License-Identifier: Apache-2.0
#include "errors.h"
#include "io.h"

#ifdef ADAPTER_FILES

namespace adapter {

Errno read_file(Handle file, const Iovec* buffers, uint32_t count, uint64_t offset,
                uint32_t& read) {
  for (const Iovec* b = buffers; b != buffers + count; ++b) {
    for (uint32_t at = 0; at < b->len;) {
      const uint32_t part = least(b->len - at, piece);
      Arena to = buffer(b->buf + at, part);
      const Into taker(to);
      Outcome<Bytes> got;
      wasi_read_at(file, part, offset, &got);
      if (got.failed) return read == 0 ? errno_of(got.code) : Errno::success;
      const uint32_t size = got.value.list.size;
      at += size;
      read += size;
      offset += size;
      if (got.value.end || size < part) return Errno::success;
    }
  }
  return Errno::success;
}

Errno write_file(Handle file, const Iovec* buffers, uint32_t count, uint64_t offset,
                 uint32_t& written) {
  for (const Iovec* b = buffers; b != buffers + count; ++b) {
    for (uint32_t at = 0; at < b->len;) {
      Outcome<uint64_t> done;
      wasi_write_at(file, b->buf + at, least(b->len - at, piece), offset, &done);
      if (done.failed) return written == 0 ? errno_of(done.code) : Errno::success;
      if (done.value == 0) return Errno::success;
      const auto size = static_cast<uint32_t>(done.value);
      at += size;
      written += size;
      offset += size;
    }
  }
  return Errno::success;
}

Errno append(Handle file, const Iovec* buffers, uint32_t count, uint32_t& written) {
  const Iovec* const first = first_of(buffers, count);
  if (first == buffers + count) return Errno::success;
  Outcome<Handle> stream;
  wasi_append_stream(file, &stream);
  if (stream.failed) return errno_of(stream.code);
  Errno error = Errno::success;
  for (const Iovec* b = first; b != buffers + count && error == Errno::success; ++b) {
    if (b->len == 0) continue;
    error = write_all(stream.value, b->buf, b->len);
    if (error == Errno::success) written += b->len;
  }
  wasi_drop_output(stream.value);
  return written == 0 ? error : Errno::success;
}

}  // namespace adapter

#endif
