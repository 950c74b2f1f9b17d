// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"

namespace tenon::wasi::p2 {

/// A value, or why there is none, in words.
template <class T>
using BucketResult = std::expected<T, std::string>;

using Bytes = std::vector<std::uint8_t>;

struct KeyPage {
  std::vector<std::string> keys;
  /// Where the next page begins; none: there is none.
  std::optional<std::uint64_t> cursor;
};

/// Where wasi:keyvalue keeps its buckets. Any name is a bucket's. Not thread-safe; what several
/// processes do with one file is ordered by the file.
class Buckets {
 public:
  Buckets() = default;
  Buckets(const Buckets&) = delete;
  Buckets& operator=(const Buckets&) = delete;
  virtual ~Buckets() = default;

  [[nodiscard]] virtual BucketResult<std::optional<Bytes>> get(const std::string& bucket,
                                                               const std::string& key) = 0;
  /// All or none of them.
  [[nodiscard]] virtual BucketResult<void> set(
      const std::string& bucket, std::vector<std::pair<std::string, Bytes>> entries) = 0;
  [[nodiscard]] virtual BucketResult<void> remove(const std::string& bucket,
                                                  const std::vector<std::string>& keys) = 0;
  [[nodiscard]] virtual BucketResult<bool> exists(const std::string& bucket,
                                                  const std::string& key) = 0;
  [[nodiscard]] virtual BucketResult<KeyPage> list(const std::string& bucket,
                                                   std::optional<std::uint64_t> cursor) = 0;
  /// Adds to a number that is kept as its decimal text; no value is 0. The new number.
  [[nodiscard]] virtual BucketResult<std::uint64_t> increment(const std::string& bucket,
                                                              const std::string& key,
                                                              std::uint64_t delta) = 0;

  /// At most `most` bytes together.
  [[nodiscard]] static std::unique_ptr<Buckets> memory(std::uint64_t most);
  /// Called while another process has locked the file, each time before it is tried again: waits a
  /// little. It may throw; the buckets are then as before.
  using Pause = std::function<void()>;
  /// A file of SQLite's, made when there is none. The system's library is loaded for it. A lock of
  /// another process is waited for, five seconds at most.
  [[nodiscard]] static BucketResult<std::unique_ptr<Buckets>> file(const std::string& path,
                                                                   Pause pause);

  /// What `increment` makes of a value.
  [[nodiscard]] static BucketResult<std::uint64_t> sum(const std::optional<Bytes>& value,
                                                       std::uint64_t delta);
  [[nodiscard]] static Bytes to_bytes(std::uint64_t number);

 protected:
  static constexpr std::size_t page_keys = 1000;
};

}  // namespace tenon::wasi::p2
