// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"

namespace tenon::wasi {

enum class Transport : std::uint8_t { tcp, udp };

/// One `tcp://HOST:PORT`.
struct AddressGrant {
  Transport transport = Transport::tcp;
  /// A name in lower case, an address (IPv6 without brackets), or `*`.
  std::string host;
  /// None: every port.
  std::optional<std::uint16_t> port;
};

/// What of the network a guest may reach: plain data, which sockets and look-ups read.
struct NetworkGrants {
  std::vector<AddressGrant> outbound;
  std::vector<AddressGrant> inbound;
  /// Names in lower case, `*.suffix`, or `*`.
  std::vector<std::string> resolve;
  /// Link-local addresses and those at which clouds tell machines about themselves.
  bool special_ranges = false;

  [[nodiscard]] bool may_resolve(std::string_view name) const;
};

[[nodiscard]] Result<AddressGrant> parse_address_grant(std::string_view text);
[[nodiscard]] Result<std::string> parse_resolve_grant(std::string_view text);

}  // namespace tenon::wasi
