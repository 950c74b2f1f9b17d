// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace tenon::wasi {

/// Counts what a guest holds of the host: descriptors, streams, sockets, pollables, look-ups under
/// way. Each of them carries a `Token`. Not thread-safe; outlives its tokens.
class Quota {
 public:
  explicit Quota(std::uint64_t most) : most_(most) {}
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

  /// One unit while it lives; false when there was none left.
  class Token {
   public:
    Token() = default;
    Token(Token&& other) noexcept : quota_(std::exchange(other.quota_, nullptr)) {}
    Token& operator=(Token&& other) noexcept {
      std::swap(quota_, other.quota_);
      return *this;
    }
    ~Token() {
      if (quota_ != nullptr) --quota_->used_;
    }
    explicit operator bool() const { return quota_ != nullptr; }

   private:
    friend class Quota;
    explicit Token(Quota* quota) : quota_(quota) {}
    Quota* quota_ = nullptr;
  };

  [[nodiscard]] Token take() {
    if (used_ >= most_) {
      refused_ = true;
      return {};
    }
    ++used_;
    return Token(this);
  }
  [[nodiscard]] std::uint64_t used() const { return used_; }
  /// Whether a unit was ever wanted when there was none.
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }
  /// What is held beyond it stays.
  void set_most(std::uint64_t most) { most_ = most; }

 private:
  std::uint64_t most_;
  std::uint64_t used_ = 0;
  bool refused_ = false;
};

}  // namespace tenon::wasi
