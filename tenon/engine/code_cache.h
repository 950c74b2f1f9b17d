// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "tenon/engine/code.h"
#include "tenon/engine/module.h"

namespace tenon::engine {

/// Functions by the addresses of their code: a skip list that only grows. One writer at a
/// time; readers at any time and without a lock, in a signal handler too.
class CodeRanges {
 public:
  /// Takes a function's code in, of whatever tier, which lies in [begin, end). It must live as long
  /// as the list and overlap no other.
  void insert(const FuncCode& code, const void* begin, const void* end);
  /// The function and the site in it that an address belongs to. Async-signal-safe.
  [[nodiscard]] CodeSite find(const void* address) const;

 private:
  /// One node in four is in the next higher list, so twelve serve 16 million functions.
  static constexpr std::uint32_t max_height = 12;
  struct Node;
  using Link = std::atomic<const Node*>;
  struct Node {
    std::uintptr_t begin;
    std::uintptr_t end;
    const FuncCode* code;
    std::unique_ptr<Link[]> next;
  };
  std::uint32_t draw_height();
  /// The links that lead on from a node at a height; null is the head.
  const Link& link(const Node* node, std::uint32_t height) const {
    return node == nullptr ? heads_[height] : node->next[height];
  }
  std::array<Link, max_height> heads_{};
  // For the writer.
  std::deque<Node> nodes_;
  std::uint64_t random_ = 0x9E3779B97F4A7C15U;
};

/// The code of a module's functions, each made at its first call. What decides which tier makes it
/// is `compile`. Thread-safe.
class CodeCache {
 public:
  explicit CodeCache(const Module& module);
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  /// One pointer for each defined function, never null.
  [[nodiscard]] const std::atomic<const FuncCode*>* table() const { return table_.get(); }
  /// Translates if nobody has yet; the store is asked about interruptions meanwhile. Null: there is
  /// no memory, or the store is to trap, and `why` says which; the function may be translated
  /// later.
  const FuncCode* compile(std::uint32_t defined, Store& asks, TrapCode& why);
  /// The function and the site in it that an address belongs to. Async-signal-safe.
  [[nodiscard]] CodeSite find(const void* address) const { return ranges_.find(address); }
  /// Where in the module's bytes the operator of each site is: `Tier::offsets`.
  [[nodiscard]] std::vector<std::uint32_t> offsets(const FuncCode& code) const;
  /// How often that was, for tests.
  [[nodiscard]] std::uint64_t num_offsets() const {
    return num_offsets_.load(std::memory_order_relaxed);
  }

 private:
  const Module& module_;
  std::unique_ptr<std::atomic<const FuncCode*>[]> table_;
  std::mutex mutex_;
  /// Each remembers what its tier made it as.
  std::vector<std::shared_ptr<const FuncCode>> owned_;
  CodeRanges ranges_;
  mutable std::atomic<std::uint64_t> num_offsets_ = 0;
};

}  // namespace tenon::engine
