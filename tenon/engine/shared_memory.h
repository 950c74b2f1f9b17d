// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include "tenon/core/types.h"
#include "tenon/engine/memory.h"

namespace tenon::engine {

struct SharedMemoryState;

/// A linear memory that instances of several stores of one engine use at a time, each store on a
/// thread of its own. Copies are the same memory, which lives as long as one of them or a store
/// that imported it; it may outlive the engine. Thread-safe.
///
/// Guests race as they like; the host takes part by these functions alone, so that no access of its
/// own is a data race. Places are counted in bytes. Spec: the proposal `threads`.
class SharedMemory {
 public:
  // A move copies.
  SharedMemory(const SharedMemory&) = default;
  SharedMemory& operator=(const SharedMemory&) = default;
  ~SharedMemory() = default;
  /// Address space for the type's maximum is reserved at once. An error when the type is not
  /// shared, has no maximum or one below its minimum (rule `shared-memory`), or there is no room
  /// (`engine-limit`). `image` is what it begins with.
  [[nodiscard]] static Result<SharedMemory> create(Engine& engine, const core::MemType& type,
                                                   const MemoryImage* image = nullptr);

  /// Which must live.
  [[nodiscard]] Engine& engine() const;
  /// The type with the current size as minimum.
  [[nodiscard]] core::MemType type() const;
  /// In bytes; it never shrinks.
  [[nodiscard]] std::uint64_t size() const;
  /// Grows by pages at the expense of a store's limits; the old size in pages, or nothing when a
  /// limit forbids it.
  std::optional<std::uint64_t> grow(std::uint64_t delta_pages, Store& payer) const;

  /// Copies bytes out of or into it, each by itself (relaxed atomic). False: not all of them are
  /// inside, and nothing was copied.
  [[nodiscard]] bool read(std::uint64_t at, std::span<std::uint8_t> out) const;
  [[nodiscard]] bool write(std::uint64_t at, std::span<const std::uint8_t> bytes) const;

  // Sequentially consistent, as the guest's operators are. T is an integer of 1 to 8 bytes. Nothing
  // when the place is not aligned or not inside.
  template <class T>
  [[nodiscard]] std::optional<T> load(std::uint64_t at) const {
    T* p = cell<T>(at);
    return p == nullptr ? std::nullopt : std::optional(__atomic_load_n(p, __ATOMIC_SEQ_CST));
  }
  template <class T>
  [[nodiscard]] bool store(std::uint64_t at, T value) const {
    T* p = cell<T>(at);
    if (p != nullptr) __atomic_store_n(p, value, __ATOMIC_SEQ_CST);
    return p != nullptr;
  }
  /// The value before.
  template <class T>
  std::optional<T> fetch_add(std::uint64_t at, T value) const {
    T* p = cell<T>(at);
    return p == nullptr ? std::nullopt
                        : std::optional(__atomic_fetch_add(p, value, __ATOMIC_SEQ_CST));
  }
  template <class T>
  std::optional<T> exchange(std::uint64_t at, T value) const {
    T* p = cell<T>(at);
    return p == nullptr ? std::nullopt
                        : std::optional(__atomic_exchange_n(p, value, __ATOMIC_SEQ_CST));
  }
  /// Puts `value` where `expected` is; the value before.
  template <class T>
  std::optional<T> compare_exchange(std::uint64_t at, T expected, T value) const {
    T* p = cell<T>(at);
    if (p == nullptr) return std::nullopt;
    __atomic_compare_exchange_n(p, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
  }
  /// Wakes at most `count` threads that wait at this place, the first that came first; how many.
  std::uint32_t notify(std::uint64_t at, std::uint32_t count = 0xFFFFFFFF) const;

  /// For the engine's own parts.
  [[nodiscard]] SharedMemoryState& state() const { return *state_; }
  friend bool operator==(const SharedMemory&, const SharedMemory&) = default;

 private:
  friend class Memory;
  friend class Store;
  explicit SharedMemory(std::shared_ptr<SharedMemoryState> state) : state_(std::move(state)) {}
  template <class T>
  [[nodiscard]] T* cell(std::uint64_t at) const {
    static_assert(std::is_integral_v<T> && sizeof(T) <= 8);
    return at % sizeof(T) == 0 ? reinterpret_cast<T*>(place(at, sizeof(T))) : nullptr;
  }
  /// Null when the bytes are not all inside.
  [[nodiscard]] std::uint8_t* place(std::uint64_t at, std::uint64_t len) const;

  std::shared_ptr<SharedMemoryState> state_;
};

}  // namespace tenon::engine
