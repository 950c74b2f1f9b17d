// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

namespace tenon {

/// Base of every index space: `struct FuncIdx : Index<FuncIdx> { using Index::Index; };`
template <class Self>
struct Index {
  std::uint32_t value = 0;

  constexpr Index() = default;
  constexpr explicit Index(std::uint32_t v) : value(v) {}
  constexpr explicit Index(std::size_t v) : value(static_cast<std::uint32_t>(v)) {}

  friend constexpr bool operator==(const Self& a, const Self& b) { return a.value == b.value; }
  friend constexpr auto operator<=>(const Self& a, const Self& b) { return a.value <=> b.value; }
};

/// A vector that only its own index type can look into.
template <class I, class T>
class IndexVector {
 public:
  IndexVector() = default;
  IndexVector(std::initializer_list<T> items) : items_(items) {}

  /// The new item's index.
  I push_back(T item) {
    items_.push_back(std::move(item));
    return I(items_.size() - 1);
  }
  [[nodiscard]] T& operator[](I i) {
    assert(i.value < items_.size());
    return items_[i.value];
  }
  [[nodiscard]] const T& operator[](I i) const {
    assert(i.value < items_.size());
    return items_[i.value];
  }
  [[nodiscard]] bool contains(I i) const { return i.value < items_.size(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] I next() const { return I(items_.size()); }
  void reserve(std::size_t n) { items_.reserve(n); }
  void resize(std::size_t n) { items_.resize(n); }
  void clear() { items_.clear(); }
  [[nodiscard]] T& back() { return items_.back(); }
  [[nodiscard]] const T& back() const { return items_.back(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  /// The items without their index type, for algorithms.
  [[nodiscard]] std::vector<T>& raw() { return items_; }
  [[nodiscard]] const std::vector<T>& raw() const { return items_; }

 private:
  std::vector<T> items_;
};

/// Builds one callable out of several lambdas, for std::visit.
template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace tenon

template <class I>
  requires std::derived_from<I, tenon::Index<I>>
struct std::hash<I> {
  std::size_t operator()(const I& i) const noexcept { return std::hash<std::uint32_t>{}(i.value); }
};
