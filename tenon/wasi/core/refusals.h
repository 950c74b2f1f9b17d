// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::wasi {

/// What a guest asked for that was not granted. Each has one grant that opens it.
enum class Refused : std::uint8_t {
  /// The guest's directories, when it has none.
  directory,
  /// A change of what a read-only grant holds.
  change,
  /// The environment, when it is empty.
  environment,
  /// A connection or a datagram to `what`: `tcp://127.0.0.1:80`.
  outbound,
  /// Being reached at `what`.
  inbound,
  /// As one of the two, but `what` is an address that `grant_special_ranges` alone opens.
  special_range,
  /// Looking up the name `what`.
  resolve,
  /// The value of wasi:config named `what`.
  config,
  /// More open resources than the limit.
  resource,
  /// More random bytes of one call than the limit.
  random_size,
};

struct Refusal {
  Refused kind = Refused::directory;
  std::string what;
};

/// The first refusal of each kind, in the order in which they came. Not thread-safe.
class Refusals {
 public:
  void note(Refused kind, std::string_view what = {}) {
    if (std::ranges::find(all_, kind, &Refusal::kind) != all_.end()) return;
    all_.push_back({kind, std::string(what)});
  }
  [[nodiscard]] std::span<const Refusal> all() const { return all_; }

 private:
  std::vector<Refusal> all_;
};

}  // namespace tenon::wasi
