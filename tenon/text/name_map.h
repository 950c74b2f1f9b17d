// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::text {

/// Keeps the values of identifiers that are not spelled in the text as they are (`$"a\20b"`).
using NameArena = std::deque<std::string>;

/// Names to numbers: open addressing over views of names that live longer. Clearing costs nothing,
/// so that one map serves function after function.
class NameMap {
 public:
  /// False when the name is there already.
  bool insert(std::string_view name, std::uint32_t value) {
    Slot& slot = slot_for(name);
    if (slot.generation == generation_) return false;
    fill(slot, name, value);
    return true;
  }
  /// Inserts or replaces.
  void set(std::string_view name, std::uint32_t value) {
    Slot& slot = slot_for(name);
    if (slot.generation == generation_) {
      slot.value = value;
    } else {
      fill(slot, name, value);
    }
  }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const {
    if (size_ == 0) return std::nullopt;
    const std::uint64_t hash = hash_of(name);
    for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.generation != generation_) return std::nullopt;
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32U) && slot.name == name)
        return slot.value;
    }
  }
  void clear() {
    size_ = 0;
    if (++generation_ == 0) {
      slots_.clear();
      generation_ = 1;
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::string_view name;
    std::uint32_t hash = 0;
    std::uint32_t value = 0;
    std::uint32_t generation = 0;
  };

  static std::uint64_t hash_of(std::string_view name) {
    std::uint64_t h = 0x9E3779B97F4A7C15ULL ^ name.size();
    const char* p = name.data();
    std::size_t left = name.size();
    for (; left >= 8; left -= 8, p += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, 8);
      h = (h ^ word) * 0xD6E8FEB86659FD93ULL;
      h ^= h >> 32U;
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, p, left);
    h = (h ^ tail) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 29U;
    h *= 0xD6E8FEB86659FD93ULL;
    return h ^ (h >> 32U);
  }
  void fill(Slot& slot, std::string_view name, std::uint32_t value) {
    slot = {name, static_cast<std::uint32_t>(hash_of(name) >> 32U), value, generation_};
    ++size_;
  }
  Slot& slot_for(std::string_view name) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    return probe(name, hash_of(name));
  }
  Slot& probe(std::string_view name, std::uint64_t hash) {
    for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.generation != generation_) return slot;
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32U) && slot.name == name) return slot;
    }
  }
  void grow() {
    const std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 16 : old.size() * 2, Slot{});
    for (const Slot& slot : old) {
      if (slot.generation == generation_) probe(slot.name, hash_of(slot.name)) = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace tenon::text
