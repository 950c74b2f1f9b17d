// SPDX-License-Identifier: Apache-2.0
// Addresses from the guest are resolved for each access and trap if they are out of bounds or
// misaligned. Shared memories are refused, since another thread could change what was checked.
#include "tenon/wasi/preview1/guest.h"

#include <fmt/format.h>

#include <climits>

#include "tenon/base/unicode.h"

namespace tenon::wasi::p1 {

Answer<std::span<std::uint8_t>> Guest::bytes(std::uint32_t at, std::uint64_t size) const {
  if (memory_ == nullptr)
    return stop(engine::Trap("a function of WASI was called by who has no memory"));
  if (memory_->is_shared()) {
    return stop(engine::Trap(
        "the memory of who called a function of WASI is shared; a memory of one thread is wanted"));
  }
  // Nothing is nowhere.
  if (size == 0) return std::span<std::uint8_t>();
  const auto found = memory_->range(at, size);
  if (!found) {
    return stop(engine::Trap(fmt::format(
        "a pointer given to WASI is out of bounds: {} bytes at {:#x}, the memory has {}", size, at,
        memory_->size())));
  }
  return *found;
}

Answer<std::span<std::uint8_t>> Guest::items(std::uint32_t at, std::uint64_t count,
                                             std::uint32_t size, std::uint32_t align) const {
  if (at % align != 0) {
    return stop(engine::Trap(fmt::format(
        "a pointer given to WASI is not aligned: {:#x}, a multiple of {} is wanted", at, align)));
  }
  return bytes(at, count * size);
}

Answer<std::string> Guest::path(std::uint32_t at, std::uint32_t size) const {
  const auto text = TENON_TRY(bytes(at, size));
  if (size > PATH_MAX) return stop(Errno::nametoolong);
  if (!is_utf8(text)) return stop(Errno::ilseq);
  return std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

}  // namespace tenon::wasi::p1
