// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tenon::runtime {

/// A C++ type at run time: its address is its identity in the process.
struct ExtensionType {
  /// For messages, as the compiler spells it.
  std::string_view name;
};

/// The name of a C++ type.
template <class T>
consteval std::string_view type_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto begin = text.find("T = ") + 4;
  return text.substr(begin, text.find_first_of(";]", begin) - begin);
}

template <class T>
inline constexpr ExtensionType extension_type{type_name<T>()};

/// Objects of the host's, at most one of each type. `get` is a look into a table, without lock and
/// allocation. Not thread-safe.
class Extensions {
 public:
  Extensions() = default;
  Extensions(const Extensions&) = delete;
  Extensions& operator=(const Extensions&) = delete;
  ~Extensions() { clear(); }

  /// Null when there is none of this type.
  template <class T>
  [[nodiscard]] T* get() const noexcept {
    return static_cast<T*>(get(extension_type<T>));
  }
  [[nodiscard]] void* get(const ExtensionType& type) const noexcept {
    if (slots_.empty()) return nullptr;
    const auto mask = slots_.size() - 1;
    for (auto i = hash(type) & mask; slots_[i] != 0; i = (i + 1) & mask) {
      const auto& e = entries_[slots_[i] - 1];
      if (e.type == &type) return e.object;
    }
    return nullptr;
  }
  /// Makes the object of this type. One that was there is destroyed once the new one is in its
  /// place; what refers to it is stale then.
  template <class T, class... Args>
  T& emplace(Args&&... args) {
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>);
    static_assert(
        std::is_nothrow_destructible_v<T>,
        "the destructor of a store's extension must not throw: remove its noexcept(false)");
    auto made = std::make_unique<T>(std::forward<Args>(args)...);
    auto& entry = entry_of(extension_type<T>);
    const auto old = std::exchange(entry.object, made.get());
    const auto destroy = [](void* p) noexcept { delete static_cast<T*>(p); };
    entry.destroy = destroy;
    if (old != nullptr) destroy(old);
    return *made.release();
  }
  /// Destroys all, the last one that was made first. Each is gone from here when its destructor
  /// runs; what a destructor makes is destroyed as well.
  void clear() noexcept {
    for (auto i = entries_.size(); i != 0;) {
      const auto entry = entries_[--i];
      if (entry.object == nullptr) continue;
      entries_[i].object = nullptr;
      entry.destroy(entry.object);
      i = entries_.size();
    }
  }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    const ExtensionType* type;
    void* object;
    void (*destroy)(void*) noexcept;
  };
  static std::size_t hash(const ExtensionType& type) {
    const auto at = std::bit_cast<std::uintptr_t>(&type) / sizeof(ExtensionType);
    return at ^ (at >> 8U);
  }
  /// The entry of a type, made when there is none.
  Entry& entry_of(const ExtensionType& type);
  void insert(std::size_t n);

  /// In the order in which they were made; entries stay.
  std::vector<Entry> entries_;
  /// Places of entries counted from 1, by hash. At most half of them are in use.
  std::vector<std::uint32_t> slots_;
};

}  // namespace tenon::runtime
