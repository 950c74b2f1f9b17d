// SPDX-License-Identifier: Apache-2.0

// wasi:config and wasi:keyvalue: what the context holds, and buckets in memory or in a file. The
// buckets in memory are the store's and go with it.
// Spec: wasi:config/store, wasi:keyvalue/store, atomics, batch.
#include <chrono>
#include <utility>

#include "tenon/wasi/p2/buckets.h"
#include "tenon/wasi/p2/host.h"

namespace tenon::wasi::p2 {
namespace {

namespace kv = api::keyvalue;
namespace config = api::config::store;

constexpr std::uint64_t most_in_memory = std::uint64_t{64} << 20U;

struct ConfigStore : Interface {
  using Interface::Interface;
  [[nodiscard]] std::expected<std::optional<std::string>, config::error> get(
      const std::string& key) const {
    const auto& all = host.state().config;
    const auto found = all.find(key);
    if (found == all.end()) {
      host.state().refusals->note(Refused::config, key);
      return std::optional<std::string>();
    }
    return std::optional(found->second);
  }
  [[nodiscard]] std::expected<std::vector<std::tuple<std::string, std::string>>, config::error>
  get_all() const {
    std::vector<std::tuple<std::string, std::string>> out;
    for (const auto& [key, value] : host.state().config) out.emplace_back(key, value);
    return out;
  }
};

template <class T>
using Out = std::expected<T, kv::store::error>;

std::unexpected<kv::store::error> other(std::string why) {
  return std::unexpected(kv::store::error(kv::store::error::other{std::move(why)}));
}

/// What the buckets said, in the interface's words.
template <class T>
Out<T> told(BucketResult<T> result) {
  if (!result) return other(std::move(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return *std::move(result);
  }
}

class Bucket final : public kv::store::bucket {
 public:
  Bucket(Buckets& in, std::string name, Quota::Token token)
      : in_(in), name_(std::move(name)), token_(std::move(token)) {}

  Out<std::optional<Bytes>> get(std::string key) override { return told(in_.get(name_, key)); }
  Out<void> set(std::string key, Bytes value) override {
    std::vector<std::pair<std::string, Bytes>> entries;
    entries.emplace_back(std::move(key), std::move(value));
    return told(in_.set(name_, std::move(entries)));
  }
  Out<void> delete_(std::string key) override { return told(in_.remove(name_, {std::move(key)})); }
  Out<bool> exists(std::string key) override { return told(in_.exists(name_, key)); }
  Out<kv::store::key_response> list_keys(std::optional<std::uint64_t> cursor) override {
    auto page = in_.list(name_, cursor);
    if (!page) return other(std::move(page.error()));
    kv::store::key_response out;
    out.keys = std::move(page->keys);
    out.cursor = page->cursor;
    return out;
  }
  [[nodiscard]] Buckets& in() const { return in_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Buckets& in_;
  std::string name_;
  Quota::Token token_;
};

/// All three interfaces, and where a store's buckets are.
struct KeyValue : Interface {
  using Interface::Interface;

  [[nodiscard]] Out<std::unique_ptr<kv::store::bucket>> open(std::string identifier) {
    auto token = host.state().quota.take();
    if (!token) return other("too many resources are open");
    if (buckets_ == nullptr) {
      const auto& path = host.state().keyvalue_file;
      auto made = path ? Buckets::file(*path, pause()) : Buckets::memory(most_in_memory);
      if (!made) return other(std::move(made.error()));
      // While the file was locked another guest of the store may have opened it.
      if (buckets_ == nullptr) buckets_ = *std::move(made);
    }
    return std::make_unique<Bucket>(*buckets_, std::move(identifier), std::move(token));
  }
  [[nodiscard]] static Out<std::uint64_t> increment(kv::store::bucket& bucket,
                                                    const std::string& key, std::uint64_t delta) {
    const auto& of = at(bucket);
    return told(of.in().increment(of.name(), key, delta));
  }
  [[nodiscard]] static Out<std::vector<std::optional<std::tuple<std::string, Bytes>>>> get_many(
      kv::store::bucket& bucket, const std::vector<std::string>& keys) {
    const auto& of = at(bucket);
    std::vector<std::optional<std::tuple<std::string, Bytes>>> out;
    std::uint64_t bytes = 0;
    for (const auto& key : keys) {
      auto value = of.in().get(of.name(), key);
      if (!value) return other(std::move(value.error()));
      auto& entry = out.emplace_back();
      if (!*value) continue;
      // The same key may be asked for often.
      bytes += (*value)->size();
      if (bytes > most_in_memory) return other("the values are too large for one call");
      entry.emplace(key, *std::move(*value));
    }
    return out;
  }
  [[nodiscard]] static Out<void> set_many(kv::store::bucket& bucket,
                                          std::vector<std::tuple<std::string, Bytes>> key_values) {
    const auto& of = at(bucket);
    std::vector<std::pair<std::string, Bytes>> entries;
    for (auto& [key, value] : key_values) entries.emplace_back(std::move(key), std::move(value));
    return told(of.in().set(of.name(), std::move(entries)));
  }
  [[nodiscard]] static Out<void> delete_many(kv::store::bucket& bucket,
                                             const std::vector<std::string>& keys) {
    const auto& of = at(bucket);
    return told(of.in().remove(of.name(), keys));
  }

 private:
  /// The store waits, so that a deadline or an interruption ends it and other guests run.
  [[nodiscard]] Buckets::Pause pause() const {
    return [&store = host.store()] {
      constexpr std::chrono::milliseconds a_little{5};
      const auto waited = store.wait({}, std::chrono::steady_clock::now() + a_little);
      if (!waited) throw Trap(waited.error());
    };
  }
  /// No other class of buckets can be made: the generated one is this room's own.
  static const Bucket& at(kv::store::bucket& bucket) { return static_cast<Bucket&>(bucket); }
  std::unique_ptr<Buckets> buckets_;
};

}  // namespace

Result<void> add_keyvalue(Linker& linker) {
  TENON_TRY(config::add_to_linker(linker, Find<ConfigStore>()));
  TENON_TRY(kv::store::add_to_linker(linker, Find<KeyValue>()));
  TENON_TRY(kv::atomics::add_to_linker(linker, Find<KeyValue>()));
  TENON_TRY(kv::batch::add_to_linker(linker, Find<KeyValue>()));
  return {};
}

}  // namespace tenon::wasi::p2
