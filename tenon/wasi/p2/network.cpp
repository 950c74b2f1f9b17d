// SPDX-License-Identifier: Apache-2.0

// Addresses, grants and options of sockets. A grant is compared with the address that a packet
// would go to, never with a name alone: what a guest looked up is kept with the addresses that came
// back, so that a name which leads elsewhere later opens nothing.
// Spec: wasi:sockets/network, wasi:sockets/instance-network.
#include "tenon/wasi/p2/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "tenon/base/narrow.h"

namespace tenon::wasi::p2 {

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) close(fd_);
}

// --- addresses -----------------------------------------------------------------------------------

namespace {

const sockaddr_in& v4(const SocketAddress& a) {
  return reinterpret_cast<const sockaddr_in&>(a.bytes);
}
const sockaddr_in6& v6(const SocketAddress& a) {
  return reinterpret_cast<const sockaddr_in6&>(a.bytes);
}

/// In the host's order.
std::uint32_t number_of(const SocketAddress& a) {
  return ntohl(v4(a).sin_addr.s_addr);
}

bool within(std::uint32_t address, std::uint32_t network, unsigned bits) {
  return ((address ^ network) >> (32U - bits)) == 0;
}

/// 169.254.0.0/16 is link-local and holds the metadata of most clouds; others have theirs at
/// 100.100.100.200, 168.63.129.16 and 192.0.0.192.
bool is_special_v4(std::uint32_t address) {
  return within(address, 0xA9FE0000, 16) || address == 0x646464C8 || address == 0xA83F8110 ||
         address == 0xC00000C0;
}

/// Where an address of IPv6 carries one of IPv4 that a router sends it on to: the prefix, and how
/// many bytes stand before the four.
struct Translation {
  std::array<std::uint8_t, 12> prefix;
  std::size_t prefix_size;
  std::size_t at;
};
constexpr Translation translations[] = {
    {{0x00, 0x64, 0xFF, 0x9B}, 12, 12},                          // 64:ff9b::/96, NAT64
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 6, 12},               // 64:ff9b:1::/48, NAT64
    {{0x20, 0x02}, 2, 2},                                        // 2002::/16, 6to4
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0x00, 0x00}, 12, 12},  // ::ffff:0:0:0/96, SIIT
};

/// The metadata of clouds.
constexpr std::array<std::uint8_t, 16> special_v6[] = {
    {0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},        // fd00:ec2::254
    {0xFD, 0x20, 0x00, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},        // fd20:ce::254
    {0xFD, 0x00, 0x00, 0xC1, 0, 0, 0, 0, 0, 0, 0, 0, 0xA9, 0xFE, 0xA9, 0xFE},  // fd00:c1::…
    {0xFD, 0x00, 0x00, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x42},        // fd00:42::42
};

}  // namespace

SocketAddress::SocketAddress(const network::ip_socket_address& from) {
  if (const auto* four = std::get_if<network::ip_socket_address::ipv4>(&from)) {
    auto& to = reinterpret_cast<sockaddr_in&>(bytes);
    to.sin_family = AF_INET;
    to.sin_port = htons(four->value.port);
    const auto [a, b, c, d] = four->value.address;
    const std::array<std::uint8_t, 4> raw{a, b, c, d};
    std::memcpy(&to.sin_addr, raw.data(), raw.size());
    size = sizeof(sockaddr_in);
    return;
  }
  const auto& six = std::get<network::ip_socket_address::ipv6>(from).value;
  auto& to = reinterpret_cast<sockaddr_in6&>(bytes);
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(six.port);
  to.sin6_flowinfo = htonl(six.flow_info);
  to.sin6_scope_id = six.scope_id;
  const auto raw = std::apply(
      [](auto... parts) { return std::array<std::uint16_t, 8>{htons(parts)...}; }, six.address);
  std::memcpy(&to.sin6_addr, raw.data(), sizeof(raw));
  size = sizeof(sockaddr_in6);
}

network::ip_address ip_of(const SocketAddress& address) {
  if (!address.is_v6()) {
    std::array<std::uint8_t, 4> raw{};
    std::memcpy(raw.data(), &v4(address).sin_addr, raw.size());
    return network::ip_address::ipv4{{raw[0], raw[1], raw[2], raw[3]}};
  }
  std::array<std::uint16_t, 8> raw{};
  std::memcpy(raw.data(), &v6(address).sin6_addr, sizeof(raw));
  for (auto& part : raw) part = ntohs(part);
  return network::ip_address::ipv6{
      {raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], raw[6], raw[7]}};
}

network::ip_socket_address SocketAddress::to_wit() const {
  const auto ip = ip_of(*this);
  if (!is_v6()) {
    network::ipv4_socket_address out;
    out.port = port();
    out.address = std::get<network::ip_address::ipv4>(ip).value;
    return network::ip_socket_address::ipv4{out};
  }
  network::ipv6_socket_address out;
  out.port = port();
  out.flow_info = ntohl(v6(*this).sin6_flowinfo);
  out.address = std::get<network::ip_address::ipv6>(ip).value;
  out.scope_id = v6(*this).sin6_scope_id;
  return network::ip_socket_address::ipv6{out};
}

std::uint16_t SocketAddress::port() const {
  return ntohs(is_v6() ? v6(*this).sin6_port : v4(*this).sin_port);
}

std::string SocketAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* from = is_v6() ? static_cast<const void*>(&v6(*this).sin6_addr)
                             : static_cast<const void*>(&v4(*this).sin_addr);
  const char* done = inet_ntop(bytes.ss_family, from, text.data(), text.size());
  return done == nullptr ? std::string() : std::string(done);
}

bool SocketAddress::is_unspecified() const {
  return is_v6() ? IN6_IS_ADDR_UNSPECIFIED(&v6(*this).sin6_addr) : number_of(*this) == 0;
}

bool SocketAddress::is_loopback() const {
  return is_v6() ? IN6_IS_ADDR_LOOPBACK(&v6(*this).sin6_addr)
                 : within(number_of(*this), 0x7F000000, 8);
}

bool SocketAddress::is_unicast() const {
  if (is_v6()) return !IN6_IS_ADDR_MULTICAST(&v6(*this).sin6_addr);
  return !within(number_of(*this), 0xE0000000, 4) && number_of(*this) != 0xFFFFFFFF;
}

bool SocketAddress::is_mapped() const {
  return is_v6() && (IN6_IS_ADDR_V4MAPPED(&v6(*this).sin6_addr) ||
                     (IN6_IS_ADDR_V4COMPAT(&v6(*this).sin6_addr) && !is_loopback()));
}

bool SocketAddress::is_special() const {
  if (!is_v6()) return is_special_v4(number_of(*this));
  const auto& raw = v6(*this).sin6_addr;
  if (IN6_IS_ADDR_LINKLOCAL(&raw)) return true;
  const auto is = [&](const auto& known, std::size_t size) {
    return std::memcmp(&raw, known.data(), size) == 0;
  };
  if (std::ranges::any_of(special_v6, [&](const auto& known) { return is(known, known.size()); }))
    return true;
  return std::ranges::any_of(translations, [&](const Translation& way) {
    std::uint32_t behind = 0;
    std::memcpy(&behind, &raw.s6_addr[way.at], sizeof(behind));
    return is(way.prefix, way.prefix_size) && is_special_v4(ntohl(behind));
  });
}

// --- grants --------------------------------------------------------------------------------------

namespace {

bool names(const Host& host, const std::string& granted, const SocketAddress& address) {
  if (granted == "*" || granted == address.host()) return true;
  if (granted == "localhost") return address.is_loopback();
  // Another spelling of the same address.
  in6_addr six{};
  if (address.is_v6() && inet_pton(AF_INET6, granted.c_str(), &six) == 1)
    return std::memcmp(&six, &v6(address).sin6_addr, sizeof(six)) == 0;
  const auto known = host.names_of_address.find(address.host());
  return known != host.names_of_address.end() &&
         std::ranges::find(known->second, granted) != known->second.end();
}

const std::vector<AddressGrant>& grants_of(const Host& host, Direction direction) {
  const auto& all = host.state().network;
  return direction == Direction::outbound ? all.outbound : all.inbound;
}

}  // namespace

bool may(const Host& host, Direction direction, Transport transport, const SocketAddress& address) {
  if (address.is_special() && !host.state().network.special_ranges) return false;
  return std::ranges::any_of(grants_of(host, direction), [&](const AddressGrant& grant) {
    return grant.transport == transport && (!grant.port || *grant.port == address.port()) &&
           names(host, grant.host, address);
  });
}

bool may_leave_from(const Host& host, Transport transport, const SocketAddress& address) {
  if (address.port() != 0) return false;
  if (address.is_special() && !host.state().network.special_ranges) return false;
  return std::ranges::any_of(grants_of(host, Direction::outbound), [&](const AddressGrant& grant) {
    return grant.transport == transport;
  });
}

std::unexpected<SocketError> refuse(const Host& host, Direction direction, Transport transport,
                                    const SocketAddress& address) {
  const auto& state = host.state();
  const bool special = address.is_special() && !state.network.special_ranges;
  const auto kind = special                            ? Refused::special_range
                    : direction == Direction::outbound ? Refused::outbound
                                                       : Refused::inbound;
  const std::string at = address.is_v6() ? '[' + address.host() + ']' : address.host();
  const std::string_view scheme = transport == Transport::tcp ? "tcp" : "udp";
  state.refusals->note(kind, fmt::format("{}://{}:{}", scheme, at, address.port()));
  return std::unexpected(SocketError::access_denied);
}

SocketResult<void> check_family(const SocketAddress& address, bool v6) {
  if (address.is_v6() != v6 || address.is_mapped() || !address.is_unicast())
    return std::unexpected(SocketError::invalid_argument);
  return {};
}

SocketResult<void> check_remote(const SocketAddress& address, bool v6) {
  if (address.is_unspecified() || address.port() == 0)
    return std::unexpected(SocketError::invalid_argument);
  return check_family(address, v6);
}

// --- the system ----------------------------------------------------------------------------------

SocketError socket_error_of(int errno_) {
  switch (errno_) {
    case EACCES:
    case EPERM:
      return SocketError::access_denied;
    case ENOTSUP:
    case EPROTONOSUPPORT:
    case ENOPROTOOPT:
      return SocketError::not_supported;
    case EINVAL:
    case EAFNOSUPPORT:
      return SocketError::invalid_argument;
    case ENOMEM:
    case ENOBUFS:
      return SocketError::out_of_memory;
    case ETIMEDOUT:
      return SocketError::timeout;
    case EALREADY:
      return SocketError::concurrency_conflict;
    case EAGAIN:
    case EINPROGRESS:
      return SocketError::would_block;
    case EISCONN:
    case ENOTCONN:
    case EDESTADDRREQ:
      return SocketError::invalid_state;
    case EMFILE:
    case ENFILE:
      return SocketError::new_socket_limit;
    case EADDRNOTAVAIL:
      return SocketError::address_not_bindable;
    case EADDRINUSE:
      return SocketError::address_in_use;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENONET:
      return SocketError::remote_unreachable;
    case ECONNREFUSED:
      return SocketError::connection_refused;
    case ECONNRESET:
      return SocketError::connection_reset;
    case ECONNABORTED:
      return SocketError::connection_aborted;
    case EMSGSIZE:
      return SocketError::datagram_too_large;
    default:
      return SocketError::unknown;
  }
}

std::unexpected<SocketError> last_socket_error() {
  return std::unexpected(socket_error_of(errno));
}

SocketResult<OwnedFd> new_socket(bool v6, int type) {
  OwnedFd fd(::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) {
    if (errno == EAFNOSUPPORT) return std::unexpected(SocketError::not_supported);
    return last_socket_error();
  }
  if (v6) {
    if (auto done = set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1); !done)
      return std::unexpected(done.error());
  }
  return fd;
}

SocketResult<void> bind_to(int fd, const SocketAddress& address) {
  if (::bind(fd, address.get(), address.size) == 0) return {};
  return last_socket_error();
}

SocketResult<SocketAddress> name_of(int fd) {
  SocketAddress out;
  if (::getsockname(fd, out.get(), &out.size) != 0) return last_socket_error();
  return out;
}

SocketResult<int> get_option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, level, name, &value, &size) != 0) return last_socket_error();
  return value;
}

SocketResult<void> set_option(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof(value)) != 0) return last_socket_error();
  return {};
}

SocketResult<std::uint8_t> get_hop_limit(int fd, bool v6) {
  const auto value =
      v6 ? get_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS) : get_option(fd, IPPROTO_IP, IP_TTL);
  if (!value) return std::unexpected(value.error());
  return static_cast<std::uint8_t>(std::clamp(*value, 0, 255));
}

SocketResult<void> set_hop_limit(int fd, bool v6, std::uint8_t value) {
  if (value == 0) return std::unexpected(SocketError::invalid_argument);
  return v6 ? set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value)
            : set_option(fd, IPPROTO_IP, IP_TTL, value);
}

SocketResult<std::uint64_t> get_buffer(int fd, int name) {
  const auto value = get_option(fd, SOL_SOCKET, name);
  if (!value) return std::unexpected(value.error());
  // Linux tells twice what was asked for: its own book-keeping counts.
  return static_cast<std::uint64_t>(std::max(*value, 0)) / 2;
}

SocketResult<void> set_buffer(int fd, int name, std::uint64_t value) {
  if (value == 0) return std::unexpected(SocketError::invalid_argument);
  constexpr std::uint64_t most = std::numeric_limits<int>::max() / 2;
  return set_option(fd, SOL_SOCKET, name, static_cast<int>(std::min(value, most)));
}

namespace {

class WholeNetwork final : public network::network {
 public:
  explicit WholeNetwork(Quota::Token token) : token_(std::move(token)) {}

 private:
  Quota::Token token_;
};

struct InstanceNetwork : Interface {
  using Interface::Interface;
  [[nodiscard]] std::unique_ptr<network::network> instance_network() const {
    return std::make_unique<WholeNetwork>(host.token());
  }
  [[nodiscard]] std::optional<SocketError> network_error_code(streams::error& err) const {
    return static_cast<StreamError&>(err).socket();
  }
};

}  // namespace

Result<void> add_network(Linker& linker) {
  TENON_TRY(network::add_to_linker(linker, Find<InstanceNetwork>()));
  TENON_TRY(api::sockets::instance_network::add_to_linker(linker, Find<InstanceNetwork>()));
  return {};
}

}  // namespace tenon::wasi::p2
