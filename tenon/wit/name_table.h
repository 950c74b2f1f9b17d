// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/types/externname.h"

namespace tenon::wit {

/// Whether two names count as one: case and hyphens make no difference. Spec: Explainer.md "Name
/// Uniqueness".
[[nodiscard]] inline bool same_name(std::string_view a, std::string_view b) {
  return types::same_key(a, b);
}

/// Names of one scope and the order in which they came: 0, 1, 2… Names that differ in
/// case and hyphens alone count as one. It keeps views: the texts must outlive it. Few names are
/// compared one by one, many are hashed, with a seed that an input cannot foresee.
class NameTable {
 public:
  /// The number of the name, and whether it is new.
  std::pair<std::uint32_t, bool> insert(std::string_view name) {
    if (const auto there = find_same(name)) return {*there, false};
    const auto number = static_cast<std::uint32_t>(names_.size());
    names_.push_back(name);
    if (names_.size() > few) add(number);
    return {number, true};
  }
  /// The number of this very name.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const {
    const auto there = find_same(name);
    return there && names_[*there] == name ? there : std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint32_t> find_same(std::string_view name) const {
    if (slots_.empty()) {
      for (std::size_t i = 0; i < names_.size(); ++i) {
        if (same_name(names_[i], name)) return static_cast<std::uint32_t>(i);
      }
      return std::nullopt;
    }
    const std::uint32_t wanted = hash(name);
    for (std::size_t at = wanted & mask();; at = (at + 1) & mask()) {
      const Slot slot = slots_[at];
      if (slot.place == 0) return std::nullopt;
      if (slot.hash == wanted && same_name(names_[slot.place - 1], name)) return slot.place - 1;
    }
  }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t number) const { return names_[number]; }
  [[nodiscard]] const std::vector<std::string_view>& names() const { return names_; }
  void reserve(std::size_t names) { names_.reserve(names); }

 private:
  static constexpr std::size_t few = 8;
  struct Slot {
    std::uint32_t hash = 0;
    /// The number and one, or 0.
    std::uint32_t place = 0;
  };

  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::uint32_t hash(std::string_view name) const {
    constexpr std::uint64_t prime = 0x9E3779B97F4A7C15;
    std::uint64_t out = seed_;
    for (const char c : name) {  // letters of both cases alike; what else falls together, few names
      if (c == '-') continue;
      out = (out ^ (static_cast<unsigned char>(c) | 0x20U)) * prime;
      out ^= out >> 29U;
    }
    return static_cast<std::uint32_t>(out ^ (out >> 32U));
  }
  void add(std::uint32_t number) {
    if (names_.size() * 2 <= slots_.size()) return place(number);
    seed_ = reinterpret_cast<std::uintptr_t>(names_.data()) ^ (seed_ << 1U);
    slots_.assign(std::bit_ceil(std::max(names_.size(), names_.capacity()) * 2), Slot{});
    for (std::uint32_t i = 0; i <= number; ++i) place(i);
  }
  void place(std::uint32_t number) {
    const std::uint32_t key = hash(names_[number]);
    std::size_t at = key & mask();
    while (slots_[at].place != 0) at = (at + 1) & mask();
    slots_[at] = {key, number + 1};
  }

  std::vector<std::string_view> names_;
  /// A power of two of them, half of them free.
  std::vector<Slot> slots_;
  std::uint64_t seed_ = 0;
};

}  // namespace tenon::wit
