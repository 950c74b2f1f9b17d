// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tenon {

/// A text that never changes and that may be missing. It is as wide as a pointer; copies share the
/// characters, so that a graph of many items with the same few texts stays small. Copies may be
/// used from several threads.
class SharedText {
 public:
  SharedText() = default;
  template <class T>
    requires std::is_convertible_v<const T&, std::string_view> &&
             (!std::is_same_v<std::remove_cvref_t<T>, SharedText>)
  SharedText(const T& text)  // NOLINT(google-explicit-constructor): it is where texts do
      : rep_(make(std::string_view(text))) {}
  SharedText(const std::optional<std::string>& text)  // NOLINT(google-explicit-constructor)
      : rep_(text ? make(*text) : nullptr) {}
  SharedText(const SharedText& other) : rep_(other.rep_) {
    if (rep_ != nullptr) rep_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  SharedText(SharedText&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~SharedText() { release(); }

  [[nodiscard]] bool has_value() const { return rep_ != nullptr; }
  explicit operator bool() const { return rep_ != nullptr; }
  /// No text, or one without characters.
  [[nodiscard]] bool empty() const { return rep_ == nullptr || rep_->size == 0; }
  /// The text, empty when there is none. It lives as long as a copy does.
  [[nodiscard]] std::string_view view() const {
    return rep_ == nullptr ? std::string_view()
                           : std::string_view(reinterpret_cast<const char*>(rep_ + 1), rep_->size);
  }
  std::string_view operator*() const { return view(); }
  operator std::string_view() const {  // NOLINT(google-explicit-constructor)
    return view();
  }
  [[nodiscard]] std::optional<std::string> copy() const {
    if (rep_ == nullptr) return std::nullopt;
    return std::string(view());
  }
  void reset() {
    release();
    rep_ = nullptr;
  }
  /// A missing text differs from an empty one.
  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.rep_ == b.rep_ || (a.has_value() == b.has_value() && a.view() == b.view());
  }

 private:
  struct Rep {
    std::atomic<std::uint32_t> uses;
    std::uint32_t size;
  };

  static Rep* make(std::string_view text) {
    void* memory = ::operator new(sizeof(Rep) + text.size());
    Rep* rep = ::new (memory) Rep{1, static_cast<std::uint32_t>(text.size())};
    if (!text.empty()) std::memcpy(static_cast<void*>(rep + 1), text.data(), text.size());
    return rep;
  }
  void release() {
    if (rep_ == nullptr || rep_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    rep_->~Rep();
    ::operator delete(rep_);
  }

  Rep* rep_ = nullptr;
};

}  // namespace tenon
