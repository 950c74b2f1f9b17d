// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "tenon/engine/memory.h"
#include "tenon/wasi/preview1/types.h"

namespace tenon::wasi::p1 {

/// The memory of the guest that made a call: the one place where its pointers are looked at. All
/// that preview 1 puts there is little-endian, as is every host that tenon runs on.
class Guest {
 public:
  void enter(engine::Memory* memory) { memory_ = memory; }
  /// `size` bytes from `at`, all inside; else a trap.
  [[nodiscard]] Answer<std::span<std::uint8_t>> bytes(std::uint32_t at, std::uint64_t size) const;
  /// The same for so many items of a size, the first aligned.
  [[nodiscard]] Answer<std::span<std::uint8_t>> items(std::uint32_t at, std::uint64_t count,
                                                      std::uint32_t size,
                                                      std::uint32_t align) const;
  template <std::integral T>
  [[nodiscard]] Answer<void> put(std::uint32_t at, T value) const {
    const auto to = TENON_TRY(items(at, 1, sizeof(T), alignof(T)));
    std::memcpy(to.data(), &value, sizeof value);
    return {};
  }
  /// A path: UTF-8, at most as long as any can be.
  [[nodiscard]] Answer<std::string> path(std::uint32_t at, std::uint32_t size) const;

 private:
  engine::Memory* memory_ = nullptr;
};

template <std::integral T>
[[nodiscard]] T load(std::span<const std::uint8_t> from, std::size_t at) {
  T value;
  std::memcpy(&value, from.subspan(at, sizeof value).data(), sizeof value);
  return value;
}
template <std::integral T>
void store(std::span<std::uint8_t> to, std::size_t at, T value) {
  std::memcpy(to.subspan(at, sizeof value).data(), &value, sizeof value);
}

}  // namespace tenon::wasi::p1
