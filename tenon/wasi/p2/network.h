// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tenon/wasi/core/network.h"
#include "tenon/wasi/p2/io.h"

// What sockets and look-ups have in common.
namespace tenon::wasi::p2 {

namespace network = api::sockets::network;

template <class T>
using SocketResult = std::expected<T, SocketError>;

/// A descriptor of the process that is closed with it.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// An address as the system has it.
struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = sizeof(sockaddr_storage);

  SocketAddress() = default;
  explicit SocketAddress(const network::ip_socket_address& from);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
  [[nodiscard]] network::ip_socket_address to_wit() const;

  [[nodiscard]] bool is_v6() const { return bytes.ss_family == AF_INET6; }
  [[nodiscard]] std::uint16_t port() const;
  /// Without port, as text: `127.0.0.1`, `::1`.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_unicast() const;
  /// `::ffff:1.2.3.4`: such are refused everywhere, a socket of IPv6 is of IPv6 alone.
  [[nodiscard]] bool is_mapped() const;
  /// Link-local, or where a cloud tells a machine about itself; also behind a translation of IPv4.
  [[nodiscard]] bool is_special() const;
  friend bool operator==(const SocketAddress& a, const SocketAddress& b) {
    return a.is_v6() == b.is_v6() && a.port() == b.port() && a.host() == b.host();
  }
};

/// An address without port, as the interface has it.
[[nodiscard]] network::ip_address ip_of(const SocketAddress& address);

enum class Direction : std::uint8_t { outbound, inbound };
/// Whether the grants of the store let its guests reach the address, or be reached at it.
[[nodiscard]] bool may(const Host& host, Direction direction, Transport transport,
                       const SocketAddress& address);
/// Whether a socket may be bound there to a free port, which one that connects or sends needs:
/// where anything outbound is granted. It may not be reached there by that.
[[nodiscard]] bool may_leave_from(const Host& host, Transport transport,
                                  const SocketAddress& address);

/// `access-denied`, and the context is told what was refused.
[[nodiscard]] std::unexpected<SocketError> refuse(const Host& host, Direction direction,
                                                  Transport transport,
                                                  const SocketAddress& address);

/// What every kind of address must be.
[[nodiscard]] SocketResult<void> check_family(const SocketAddress& address, bool v6);
/// One to send to or to connect with.
[[nodiscard]] SocketResult<void> check_remote(const SocketAddress& address, bool v6);

[[nodiscard]] SocketError socket_error_of(int errno_);
[[nodiscard]] std::unexpected<SocketError> last_socket_error();

/// A socket of the system that never blocks.
[[nodiscard]] SocketResult<OwnedFd> new_socket(bool v6, int type);
/// The resource `Socket` over a new one of the system's, within the store's quota.
template <class Socket>
[[nodiscard]] SocketResult<std::unique_ptr<Socket>> make_socket(Host& host, bool v6, int type) {
  auto token = host.state().quota.take();
  if (!token) return std::unexpected(SocketError::new_socket_limit);
  auto fd = new_socket(v6, type);
  if (!fd) return std::unexpected(fd.error());
  return std::make_unique<Socket>(host, *std::move(fd), v6, std::move(token));
}
[[nodiscard]] SocketResult<void> bind_to(int fd, const SocketAddress& address);
[[nodiscard]] SocketResult<SocketAddress> name_of(int fd);

// Options, with the bounds of the interface.
[[nodiscard]] SocketResult<int> get_option(int fd, int level, int name);
[[nodiscard]] SocketResult<void> set_option(int fd, int level, int name, int value);
[[nodiscard]] SocketResult<std::uint8_t> get_hop_limit(int fd, bool v6);
[[nodiscard]] SocketResult<void> set_hop_limit(int fd, bool v6, std::uint8_t value);
[[nodiscard]] SocketResult<std::uint64_t> get_buffer(int fd, int name);
[[nodiscard]] SocketResult<void> set_buffer(int fd, int name, std::uint64_t value);

}  // namespace tenon::wasi::p2
