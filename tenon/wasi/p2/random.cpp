// SPDX-License-Identifier: Apache-2.0

// wasi:random. One call gives at most what the context allows; more is a trap, as the interface has
// no error. Spec: wasi:random/random, wasi:random/insecure, wasi:random/insecure-seed.
#include "tenon/wasi/p2/host.h"

namespace tenon::wasi::p2 {
namespace {

std::vector<std::uint8_t> bytes_of(const Host& host, Random& random, std::uint64_t len) {
  if (len > host.state().max_random_size) {
    host.state().refusals->note(Refused::random_size);
    trap("the guest asked for more random bytes than one call may give");
  }
  std::vector<std::uint8_t> bytes(len);
  if (!random.fill(bytes)) trap("the host has no random bytes");
  return bytes;
}

std::uint64_t number_of(Random& random) {
  const auto number = random.next();
  if (!number) trap("the host has no random bytes");
  return *number;
}

struct Secure : Interface {
  using Interface::Interface;
  [[nodiscard]] std::vector<std::uint8_t> get_random_bytes(std::uint64_t len) const {
    return bytes_of(host, *host.state().random, len);
  }
  [[nodiscard]] std::uint64_t get_random_u64() const { return number_of(*host.state().random); }
};

struct Insecure : Interface {
  using Interface::Interface;
  [[nodiscard]] std::vector<std::uint8_t> get_insecure_random_bytes(std::uint64_t len) const {
    return bytes_of(host, *host.state().insecure_random, len);
  }
  [[nodiscard]] std::uint64_t get_insecure_random_u64() const {
    return number_of(*host.state().insecure_random);
  }
};

struct InsecureSeed : Interface {
  using Interface::Interface;
  [[nodiscard]] std::tuple<std::uint64_t, std::uint64_t> insecure_seed() {
    if (!seed_) {
      auto& random = *host.state().insecure_random;
      const auto first = number_of(random);
      seed_.emplace(first, number_of(random));
    }
    return *seed_;
  }

 private:
  /// The same for every call of a store.
  std::optional<std::tuple<std::uint64_t, std::uint64_t>> seed_;
};

}  // namespace

Result<void> add_random(Linker& linker) {
  TENON_TRY(api::random::random::add_to_linker(linker, Find<Secure>()));
  TENON_TRY(api::random::insecure::add_to_linker(linker, Find<Insecure>()));
  TENON_TRY(api::random::insecure_seed::add_to_linker(linker, Find<InsecureSeed>()));
  return {};
}

}  // namespace tenon::wasi::p2
