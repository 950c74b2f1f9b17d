// SPDX-License-Identifier: Apache-2.0

// wasi:sockets/udp. A grant is looked at for every datagram that leaves; one that comes in reaches
// the guest where it may be reached, or from where it may itself send to, so that `stream` with an
// address opens neither direction by the grant of the other.
// Spec: wasi:sockets/udp, UdpSocketOperationalSemantics.md.
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "tenon/wasi/p2/network.h"

namespace tenon::wasi::p2 {
namespace {

namespace udp = api::sockets::udp;

constexpr std::size_t most_bytes = 65'535;
constexpr std::uint64_t most_datagrams = 16;

/// What a socket and its streams share.
struct Port {
  OwnedFd fd;
  bool v6 = false;
  /// Whether anybody may send to it.
  bool reachable = false;
  std::optional<SocketAddress> remote;
};

/// Ready when the socket is.
class PortReady final : public Waitable {
 public:
  PortReady(std::shared_ptr<Port> port, bool read) : port_(std::move(port)), read_(read) {}
  bool collect(WaitSet& set) override {
    set.descriptor(port_->fd.get(), read_, !read_);
    return false;
  }

 private:
  std::shared_ptr<Port> port_;
  bool read_;
};

class Always final : public Waitable {
 public:
  bool collect(WaitSet& /*set*/) override { return true; }
};

class Incoming final : public udp::incoming_datagram_stream {
 public:
  Incoming(Host& host, std::shared_ptr<Port> port, Quota::Token token)
      : host_(host), port_(std::move(port)), remote_(port_->remote), token_(std::move(token)) {}

  SocketResult<std::vector<udp::incoming_datagram>> receive(std::uint64_t most) override {
    std::vector<udp::incoming_datagram> out;
    std::vector<std::uint8_t> bytes(most == 0 ? 0 : most_bytes);
    // What is not for the guest counts against the batch as well, so that a call ends.
    for (std::uint64_t i = 0; i < std::min(most, most_datagrams); ++i) {
      SocketAddress from;
      const auto got = ::recvfrom(port_->fd.get(), bytes.data(), bytes.size(),
                                  MSG_DONTWAIT | MSG_TRUNC, from.get(), &from.size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || !out.empty())) break;
      if (got < 0) return last_socket_error();
      if (!takes(from)) continue;
      auto& datagram = out.emplace_back();
      const auto size = std::min(static_cast<std::size_t>(got), bytes.size());
      datagram.data.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      datagram.remote_address = from.to_wit();
    }
    return out;
  }
  std::unique_ptr<api::io::poll::pollable> subscribe() override {
    return std::make_unique<Pollable>(host_, std::make_shared<PortReady>(port_, true));
  }

 private:
  [[nodiscard]] bool takes(const SocketAddress& from) const {
    if (remote_ && !(from == *remote_)) return false;
    return port_->reachable || may(host_, Direction::outbound, Transport::udp, from);
  }
  Host& host_;
  std::shared_ptr<Port> port_;
  std::optional<SocketAddress> remote_;
  Quota::Token token_;
};

class Outgoing final : public udp::outgoing_datagram_stream {
 public:
  Outgoing(Host& host, std::shared_ptr<Port> port, Quota::Token token)
      : host_(host), port_(std::move(port)), remote_(port_->remote), token_(std::move(token)) {}

  SocketResult<std::uint64_t> check_send() override {
    pollfd look{.fd = port_->fd.get(), .events = POLLOUT, .revents = 0};
    permit_ = ::poll(&look, 1, 0) > 0 ? most_datagrams : 0;
    return permit_;
  }
  SocketResult<std::uint64_t> send(std::vector<udp::outgoing_datagram> datagrams) override {
    if (datagrams.size() > permit_) trap("more datagrams than `check-send` has permitted");
    std::uint64_t sent = 0;
    for (const auto& datagram : datagrams) {
      const auto done = send(datagram);
      if (!done && sent == 0 && done.error() != SocketError::would_block)
        return std::unexpected(done.error());
      if (!done) break;
      ++sent;
    }
    permit_ -= sent;
    return sent;
  }
  std::unique_ptr<api::io::poll::pollable> subscribe() override {
    return std::make_unique<Pollable>(host_, std::make_shared<PortReady>(port_, false));
  }

 private:
  SocketResult<void> send(const udp::outgoing_datagram& datagram) {
    auto to = remote_;
    if (datagram.remote_address) {
      to = SocketAddress(*datagram.remote_address);
      if (remote_ && !(*to == *remote_)) return std::unexpected(SocketError::invalid_argument);
    }
    if (!to) return std::unexpected(SocketError::invalid_argument);
    if (auto fit = check_remote(*to, port_->v6); !fit) return fit;
    if (!may(host_, Direction::outbound, Transport::udp, *to))
      return refuse(host_, Direction::outbound, Transport::udp, *to);
    if (datagram.data.size() > most_bytes) return std::unexpected(SocketError::datagram_too_large);
    ssize_t done = 0;
    do {
      done = ::sendto(port_->fd.get(), datagram.data.data(), datagram.data.size(),
                      MSG_DONTWAIT | MSG_NOSIGNAL, to->get(), to->size);
    } while (done < 0 && errno == EINTR);
    if (done < 0) return last_socket_error();
    return {};
  }

  Host& host_;
  std::shared_ptr<Port> port_;
  std::optional<SocketAddress> remote_;
  Quota::Token token_;
  std::uint64_t permit_ = 0;
};

class UdpSocket final : public udp::udp_socket {
 public:
  template <class T>
  using Out = SocketResult<T>;
  using In = std::unique_ptr<udp::incoming_datagram_stream>;
  using To = std::unique_ptr<udp::outgoing_datagram_stream>;

  UdpSocket(Host& host, OwnedFd fd, bool v6, Quota::Token token)
      : host_(host), token_(std::move(token)) {
    port_->fd = std::move(fd);
    port_->v6 = v6;
  }

  Out<void> start_bind(network::network& network, network::ip_socket_address local) override;
  Out<void> finish_bind() override {
    if (state_ != State::bind_started) return std::unexpected(SocketError::not_in_progress);
    state_ = State::bound;
    return {};
  }
  Out<std::tuple<In, To>> stream(std::optional<network::ip_socket_address> remote) override;
  Out<network::ip_socket_address> local_address() override {
    if (state_ != State::bound) return std::unexpected(SocketError::invalid_state);
    const auto local = name_of(fd());
    if (!local) return std::unexpected(local.error());
    return local->to_wit();
  }
  Out<network::ip_socket_address> remote_address() override {
    if (!port_->remote) return std::unexpected(SocketError::invalid_state);
    return port_->remote->to_wit();
  }
  network::ip_address_family address_family() override {
    return port_->v6 ? network::ip_address_family::ipv6 : network::ip_address_family::ipv4;
  }
  Out<std::uint8_t> unicast_hop_limit() override { return get_hop_limit(fd(), port_->v6); }
  Out<void> set_unicast_hop_limit(std::uint8_t value) override {
    return set_hop_limit(fd(), port_->v6, value);
  }
  Out<std::uint64_t> receive_buffer_size() override { return get_buffer(fd(), SO_RCVBUF); }
  Out<void> set_receive_buffer_size(std::uint64_t value) override {
    return set_buffer(fd(), SO_RCVBUF, value);
  }
  Out<std::uint64_t> send_buffer_size() override { return get_buffer(fd(), SO_SNDBUF); }
  Out<void> set_send_buffer_size(std::uint64_t value) override {
    return set_buffer(fd(), SO_SNDBUF, value);
  }
  std::unique_ptr<api::io::poll::pollable> subscribe() override {
    return std::make_unique<Pollable>(host_, std::make_shared<Always>());
  }

 private:
  enum class State : std::uint8_t { unbound, bind_started, bound };
  [[nodiscard]] int fd() const { return port_->fd.get(); }
  Out<void> disconnect();

  Host& host_;
  std::shared_ptr<Port> port_ = std::make_shared<Port>();
  Quota::Token token_;
  State state_ = State::unbound;
};

SocketResult<void> UdpSocket::start_bind(network::network& /*network*/,
                                         network::ip_socket_address local) {
  const SocketAddress address(local);
  if (state_ == State::bind_started) return std::unexpected(SocketError::concurrency_conflict);
  if (state_ != State::unbound) return std::unexpected(SocketError::invalid_state);
  if (auto fit = check_family(address, port_->v6); !fit) return fit;
  const bool reachable = may(host_, Direction::inbound, Transport::udp, address);
  // Bound to a free port it hears answers, and nobody else.
  const bool leaves = may_leave_from(host_, Transport::udp, address);
  if (!reachable && !leaves) return refuse(host_, Direction::inbound, Transport::udp, address);
  if (auto done = bind_to(fd(), address); !done) return done;
  port_->reachable = reachable;
  state_ = State::bind_started;
  return {};
}

SocketResult<void> UdpSocket::disconnect() {
  const auto local = name_of(fd());
  if (!local) return std::unexpected(local.error());
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (::connect(fd(), &none, sizeof(none)) != 0) return last_socket_error();
  port_->remote.reset();
  // Linux gives a port back that it had chosen itself.
  const auto now = name_of(fd());
  if (now && now->port() == 0) return bind_to(fd(), *local);
  return {};
}

SocketResult<std::tuple<UdpSocket::In, UdpSocket::To>> UdpSocket::stream(
    std::optional<network::ip_socket_address> remote) {
  if (state_ == State::bind_started) return std::unexpected(SocketError::concurrency_conflict);
  if (state_ != State::bound) return std::unexpected(SocketError::invalid_state);
  std::optional<SocketAddress> to;
  if (remote) {
    to = SocketAddress(*remote);
    if (auto fit = check_remote(*to, port_->v6); !fit) return std::unexpected(fit.error());
    if (!may(host_, Direction::outbound, Transport::udp, *to))
      return refuse(host_, Direction::outbound, Transport::udp, *to);
  }
  auto first = host_.state().quota.take();
  auto second = host_.state().quota.take();
  if (!first || !second) return std::unexpected(SocketError::new_socket_limit);
  if (port_->remote) {
    if (auto done = disconnect(); !done) return std::unexpected(done.error());
  }
  if (to) {
    if (::connect(fd(), to->get(), to->size) != 0) {
      if (errno == EADDRNOTAVAIL) return std::unexpected(SocketError::address_in_use);
      return last_socket_error();
    }
    port_->remote = to;
  }
  return std::tuple<In, To>(std::make_unique<Incoming>(host_, port_, std::move(first)),
                            std::make_unique<Outgoing>(host_, port_, std::move(second)));
}

struct Creating : Interface {
  using Interface::Interface;
  [[nodiscard]] SocketResult<std::unique_ptr<udp::udp_socket>> create_udp_socket(
      network::ip_address_family family) const {
    return make_socket<UdpSocket>(host, family == network::ip_address_family::ipv6, SOCK_DGRAM);
  }
};

}  // namespace

Result<void> add_udp(Linker& linker) {
  TENON_TRY(udp::add_to_linker(linker, Find<Interface>()));
  TENON_TRY(api::sockets::udp_create_socket::add_to_linker(linker, Find<Creating>()));
  return {};
}

}  // namespace tenon::wasi::p2
