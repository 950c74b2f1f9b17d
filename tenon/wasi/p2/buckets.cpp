// SPDX-License-Identifier: Apache-2.0

// Buckets in memory. Each entry has a number, by which pages of keys go on where the last one
// ended, whatever was set or deleted meanwhile.
#include "tenon/wasi/p2/buckets.h"

#include <charconv>
#include <limits>
#include <map>
#include <unordered_map>

namespace tenon::wasi::p2 {
namespace {

class MemoryBuckets final : public Buckets {
 public:
  explicit MemoryBuckets(std::uint64_t most) : most_(most) {}

  BucketResult<std::optional<Bytes>> get(const std::string& bucket,
                                         const std::string& key) override {
    const auto* entry = find(bucket, key);
    if (entry == nullptr) return std::optional<Bytes>();
    return std::optional(entry->value);
  }
  BucketResult<void> set(const std::string& bucket,
                         std::vector<std::pair<std::string, Bytes>> entries) override {
    std::uint64_t more = 0;
    for (const auto& [key, value] : entries) more += cost(key, value);
    if (!entries.empty() && !buckets_.contains(bucket)) more += cost_of_bucket(bucket);
    // What they replace goes only once they are in.
    if (more > most_ - used_) return std::unexpected("the store is full");
    for (auto& [key, value] : entries) put(bucket, key, std::move(value));
    return {};
  }
  BucketResult<void> remove(const std::string& bucket,
                            const std::vector<std::string>& keys) override {
    const auto at = buckets_.find(bucket);
    if (at == buckets_.end()) return {};
    for (const auto& key : keys) {
      const auto entry = at->second.entries.find(key);
      if (entry == at->second.entries.end()) continue;
      used_ -= cost(key, entry->second.value);
      at->second.order.erase(entry->second.number);
      at->second.entries.erase(entry);
    }
    if (at->second.entries.empty()) {
      used_ -= cost_of_bucket(bucket);
      buckets_.erase(at);
    }
    return {};
  }
  BucketResult<bool> exists(const std::string& bucket, const std::string& key) override {
    return find(bucket, key) != nullptr;
  }
  BucketResult<KeyPage> list(const std::string& bucket,
                             std::optional<std::uint64_t> cursor) override {
    KeyPage out;
    const auto at = buckets_.find(bucket);
    if (at == buckets_.end()) return out;
    const auto& order = at->second.order;
    for (auto entry = order.upper_bound(cursor.value_or(0)); entry != order.end(); ++entry) {
      if (out.keys.size() == page_keys) return out;
      out.keys.push_back(entry->second);
      out.cursor = entry->first;
    }
    out.cursor.reset();
    return out;
  }
  BucketResult<std::uint64_t> increment(const std::string& bucket, const std::string& key,
                                        std::uint64_t delta) override {
    const auto value = get(bucket, key);
    const auto number = sum(*value, delta);
    if (!number) return number;
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back(key, to_bytes(*number));
    if (auto done = set(bucket, std::move(entries)); !done) return std::unexpected(done.error());
    return number;
  }

 private:
  struct Entry {
    std::uint64_t number = 0;
    Bytes value;
  };
  struct Bucket {
    std::unordered_map<std::string, Entry> entries;
    std::map<std::uint64_t, std::string> order;
  };
  /// Its name, and what the tables take. A bucket without entries is none.
  static std::uint64_t cost_of_bucket(const std::string& name) { return name.size() + 400; }
  /// Two copies of the key, and what the tables take.
  static std::uint64_t cost(const std::string& key, const Bytes& value) {
    return (2 * key.size()) + value.size() + 200;
  }
  const Entry* find(const std::string& bucket, const std::string& key) const {
    const auto at = buckets_.find(bucket);
    if (at == buckets_.end()) return nullptr;
    const auto entry = at->second.entries.find(key);
    return entry == at->second.entries.end() ? nullptr : &entry->second;
  }
  void put(const std::string& bucket, const std::string& key, Bytes value) {
    const auto [at, first] = buckets_.try_emplace(bucket);
    if (first) used_ += cost_of_bucket(bucket);
    auto& in = at->second;
    auto [entry, fresh] = in.entries.try_emplace(key);
    used_ += cost(key, value);
    if (fresh) {
      entry->second.number = ++last_;
      in.order.emplace(last_, key);
    } else {
      used_ -= cost(key, entry->second.value);
    }
    entry->second.value = std::move(value);
  }

  std::unordered_map<std::string, Bucket> buckets_;
  std::uint64_t most_;
  std::uint64_t used_ = 0;
  /// Of all buckets: a bucket that was emptied and filled again goes on with larger ones.
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<Buckets> Buckets::memory(std::uint64_t most) {
  return std::make_unique<MemoryBuckets>(most);
}

BucketResult<std::uint64_t> Buckets::sum(const std::optional<Bytes>& value, std::uint64_t delta) {
  std::uint64_t number = 0;
  if (value) {
    const auto* const begin = reinterpret_cast<const char*>(value->data());
    const auto* const end = begin + value->size();
    const auto [at, error] = std::from_chars(begin, end, number);
    if (error != std::errc() || at != end) return std::unexpected("the value is not a number");
  }
  if (delta > std::numeric_limits<std::uint64_t>::max() - number)
    return std::unexpected("the number would be too large");
  return number + delta;
}

Bytes Buckets::to_bytes(std::uint64_t number) {
  const auto text = std::to_string(number);
  return {text.begin(), text.end()};
}

}  // namespace tenon::wasi::p2
