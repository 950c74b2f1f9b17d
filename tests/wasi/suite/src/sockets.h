// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "suite.h"

namespace cases {

namespace network = wasi::sockets::network;
using network::ip_address_family;
using network::ip_socket_address;

inline ip_socket_address v4(std::uint16_t port, std::uint8_t a = 127, std::uint8_t b = 0,
                            std::uint8_t c = 0, std::uint8_t d = 1) {
  network::ipv4_socket_address at;
  at.port = port;
  at.address = {a, b, c, d};
  return ip_socket_address::ipv4{at};
}
inline ip_socket_address v6(std::uint16_t port, std::uint16_t last = 1, std::uint16_t sixth = 0) {
  network::ipv6_socket_address at;
  at.port = port;
  at.address = {0, 0, 0, 0, 0, sixth, 0, last};
  return ip_socket_address::ipv6{at};
}
inline std::uint16_t port_of(const ip_socket_address& address) {
  if (const auto* four = std::get_if<ip_socket_address::ipv4>(&address)) return four->value.port;
  return std::get<ip_socket_address::ipv6>(address).value.port;
}

}  // namespace cases
