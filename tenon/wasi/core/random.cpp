// SPDX-License-Identifier: Apache-2.0
// Guests that ask often for few bytes are served from a stock, a page that the kernel wipes in
// forked children, so that no byte is given twice; bytes are erased as they are handed out. The
// seeded generator gives one stream of bytes, however it is cut into requests.
#include "tenon/wasi/core/random.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

namespace tenon::wasi {
namespace {

IoResult<void> ask_system(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return last_error();
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

/// Bytes of the system in stock, for a guest that asks often for few. What is given is wiped, and
/// a process that is forked finds the stock empty, so no byte is given twice.
class Stock {
 public:
  static constexpr std::size_t largest_request = 256;

  Stock() = default;
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;
  ~Stock() {
    if (page_ == nullptr) return;
    ::explicit_bzero(page_, sizeof(Page));
    ::munmap(page_, sizeof(Page));
  }
  /// False: there can be none here.
  [[nodiscard]] bool open() {
    if (page_ != nullptr) return true;
    if (refused_) return false;
    void* const at =
        ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    refused_ = at == MAP_FAILED;
    if (!refused_ && ::madvise(at, sizeof(Page), MADV_WIPEONFORK) != 0) {
      ::munmap(at, sizeof(Page));
      refused_ = true;
    }
    if (!refused_) page_ = static_cast<Page*>(at);
    return !refused_;
  }
  /// At most `largest_request` bytes.
  [[nodiscard]] IoResult<void> take(std::span<std::uint8_t> bytes) {
    if (page_->left < bytes.size()) {
      if (auto filled = ask_system(page_->bytes); !filled) return filled;
      page_->left = page_->bytes.size();
    }
    const auto from = std::span(page_->bytes).subspan(page_->left - bytes.size(), bytes.size());
    std::memcpy(bytes.data(), from.data(), from.size());
    ::explicit_bzero(from.data(), from.size());
    page_->left -= bytes.size();
    return {};
  }

 private:
  struct Page {
    std::size_t left = 0;
    std::array<std::uint8_t, 4096 - sizeof(std::size_t)> bytes;
  };
  Page* page_ = nullptr;
  bool refused_ = false;
};

class HostRandom final : public Random {
 public:
  IoResult<void> fill(std::span<std::uint8_t> bytes) override {
    if (bytes.empty()) return {};
    // Most guests ask once or twice, for the seed of a hash table.
    const bool often = ++requests_ > few;
    if (!often || bytes.size() > Stock::largest_request || !stock_.open()) return ask_system(bytes);
    return stock_.take(bytes);
  }

 private:
  static constexpr std::uint64_t few = 16;
  std::uint64_t requests_ = 0;
  Stock stock_;
};

/// xoshiro256**, its state made of the seed by splitmix64. The bytes are a stream: how they are
/// asked for makes no difference.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15ULL;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
      z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
      word = z ^ (z >> 31U);
    }
  }
  IoResult<void> fill(std::span<std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      if (left_ == 0) {
        const std::uint64_t word = step();
        for (unsigned i = 0; i < 8; ++i) block_[i] = static_cast<std::uint8_t>(word >> (8 * i));
        left_ = block_.size();
      }
      const std::size_t n = std::min(left_, bytes.size());
      std::memcpy(bytes.data(), block_.data() + (block_.size() - left_), n);
      left_ -= n;
      bytes = bytes.subspan(n);
    }
    return {};
  }

 private:
  std::uint64_t step() {
    const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return out;
  }
  std::array<std::uint64_t, 4> state_{};
  std::array<std::uint8_t, 8> block_{};
  std::size_t left_ = 0;
};

}  // namespace

IoResult<std::uint64_t> Random::next() {
  std::array<std::uint8_t, 8> bytes{};
  if (auto filled = fill(bytes); !filled) return fail(filled.error());
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::shared_ptr<Random> Random::host() {
  return std::make_shared<HostRandom>();
}

std::shared_ptr<Random> Random::seeded(std::uint64_t seed) {
  return std::make_shared<SeededRandom>(seed);
}

}  // namespace tenon::wasi
