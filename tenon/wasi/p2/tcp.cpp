// SPDX-License-Identifier: Apache-2.0

// wasi:sockets/tcp. Each operation has two halves, and the socket's state tells which calls may
// come; the system's own call happens in the first half of `bind` and `listen`, and `connect` ends
// in the second. Grants are looked at before any of them.
// Spec: wasi:sockets/tcp, TcpSocketOperationalSemantics.md.
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "tenon/wasi/p2/network.h"

namespace tenon::wasi::p2 {
namespace {

namespace tcp = api::sockets::tcp;

enum class State : std::uint8_t {
  unbound,
  bind_started,
  bound,
  listen_started,
  listening,
  connecting,
  connected,
  closed,
};

/// A connection, which a socket and its two streams share.
struct Connection {
  OwnedFd fd;
  bool receives = true;
  SocketError error = SocketError::unknown;
  /// Keeps the error that the system told, for `network-error-code`.
  std::unexpected<ErrorCode> failed() {
    const int why = errno;
    if (why == EAGAIN) return std::unexpected(ErrorCode::would_block);
    if (why == EINTR) return std::unexpected(ErrorCode::interrupted);
    error = socket_error_of(why);
    return std::unexpected(from_errno(why));
  }
};

class TcpSource final : public Source {
 public:
  explicit TcpSource(std::shared_ptr<Connection> of) : of_(std::move(of)) {}
  IoResult<std::size_t> read(std::span<std::uint8_t> bytes) override {
    if (!of_->receives) return 0;
    const auto got = ::recv(of_->fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return of_->failed();
    return static_cast<std::size_t>(got);
  }
  bool collect(WaitSet& set) override {
    if (!of_->receives) return true;
    set.descriptor(of_->fd.get(), true, false);
    return false;
  }
  [[nodiscard]] std::optional<SocketError> socket_error(ErrorCode /*code*/) const override {
    return of_->error;
  }

 private:
  std::shared_ptr<Connection> of_;
};

class TcpSink final : public Sink {
 public:
  explicit TcpSink(std::shared_ptr<Connection> of) : of_(std::move(of)) {}
  IoResult<std::size_t> write(ByteSpan bytes) override {
    const auto done =
        ::send(of_->fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done < 0) return of_->failed();
    return static_cast<std::size_t>(done);
  }
  bool collect(WaitSet& set) override {
    set.descriptor(of_->fd.get(), false, true);
    return false;
  }
  void ended() override { ::shutdown(of_->fd.get(), SHUT_WR); }
  [[nodiscard]] std::optional<SocketError> socket_error(ErrorCode /*code*/) const override {
    return of_->error;
  }

 private:
  std::shared_ptr<Connection> of_;
};

class TcpSocket final : public tcp::tcp_socket, public Waitable {
 public:
  template <class T>
  using Out = SocketResult<T>;
  using In = std::unique_ptr<streams::input_stream>;
  using To = std::unique_ptr<streams::output_stream>;

  TcpSocket(Host& host, OwnedFd fd, bool v6, Quota::Token token, State state = State::unbound)
      : host_(host),
        connection_(std::make_shared<Connection>(std::move(fd))),
        v6_(v6),
        token_(std::move(token)),
        state_(state) {}

  Out<void> start_bind(network::network& network, network::ip_socket_address local) override;
  Out<void> finish_bind() override { return finish(State::bind_started, State::bound); }
  Out<void> start_connect(network::network& network, network::ip_socket_address remote) override;
  Out<std::tuple<In, To>> finish_connect() override;
  Out<void> start_listen() override;
  Out<void> finish_listen() override { return finish(State::listen_started, State::listening); }
  Out<std::tuple<std::unique_ptr<tcp::tcp_socket>, In, To>> accept() override;

  Out<network::ip_socket_address> local_address() override;
  Out<network::ip_socket_address> remote_address() override;
  bool is_listening() override { return state_ == State::listening; }
  network::ip_address_family address_family() override {
    return v6_ ? network::ip_address_family::ipv6 : network::ip_address_family::ipv4;
  }
  Out<void> set_listen_backlog_size(std::uint64_t value) override;
  Out<bool> keep_alive_enabled() override {
    const auto on = get_option(fd(), SOL_SOCKET, SO_KEEPALIVE);
    if (!on) return std::unexpected(on.error());
    return *on != 0;
  }
  Out<void> set_keep_alive_enabled(bool value) override {
    return set_option(fd(), SOL_SOCKET, SO_KEEPALIVE, value ? 1 : 0);
  }
  Out<std::uint64_t> keep_alive_idle_time() override { return seconds(TCP_KEEPIDLE); }
  Out<void> set_keep_alive_idle_time(std::uint64_t value) override {
    return set_seconds(TCP_KEEPIDLE, value);
  }
  Out<std::uint64_t> keep_alive_interval() override { return seconds(TCP_KEEPINTVL); }
  Out<void> set_keep_alive_interval(std::uint64_t value) override {
    return set_seconds(TCP_KEEPINTVL, value);
  }
  Out<std::uint32_t> keep_alive_count() override {
    const auto count = get_option(fd(), IPPROTO_TCP, TCP_KEEPCNT);
    if (!count) return std::unexpected(count.error());
    return static_cast<std::uint32_t>(std::max(*count, 0));
  }
  Out<void> set_keep_alive_count(std::uint32_t value) override {
    constexpr std::uint32_t most = 127;
    if (value == 0) return std::unexpected(SocketError::invalid_argument);
    return set_option(fd(), IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>(std::min(value, most)));
  }
  Out<std::uint8_t> hop_limit() override { return get_hop_limit(fd(), v6_); }
  Out<void> set_hop_limit(std::uint8_t value) override {
    return p2::set_hop_limit(fd(), v6_, value);
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
    return std::make_unique<Pollable>(
        host_, std::shared_ptr<Waitable>(shared_from_this(), static_cast<Waitable*>(this)));
  }
  Out<void> shutdown(tcp::shutdown_type how) override;

  bool collect(WaitSet& set) override {
    if (state_ != State::connecting && state_ != State::listening) return true;
    set.descriptor(fd(), state_ == State::listening, state_ == State::connecting);
    return false;
  }

  /// The streams of a connection that is there.
  std::optional<std::tuple<In, To>> open_streams();

 private:
  [[nodiscard]] int fd() const { return connection_->fd.get(); }
  [[nodiscard]] bool busy() const {
    return state_ == State::bind_started || state_ == State::listen_started ||
           state_ == State::connecting;
  }
  Out<void> finish(State from, State to) {
    if (state_ != from) return std::unexpected(SocketError::not_in_progress);
    state_ = to;
    return {};
  }
  [[nodiscard]] Out<std::uint64_t> seconds(int name) const {
    const auto value = get_option(fd(), IPPROTO_TCP, name);
    if (!value) return std::unexpected(value.error());
    return static_cast<std::uint64_t>(std::max(*value, 0)) * second;
  }
  [[nodiscard]] Out<void> set_seconds(int name, std::uint64_t ns) const {
    constexpr std::uint64_t most = 32'767;
    if (ns == 0) return std::unexpected(SocketError::invalid_argument);
    const auto rounded = ns / second + (ns % second != 0 ? 1 : 0);
    return set_option(fd(), IPPROTO_TCP, name, static_cast<int>(std::min(rounded, most)));
  }
  static constexpr std::uint64_t second = 1'000'000'000;

  Host& host_;
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<Output> output_;
  bool v6_;
  Quota::Token token_;
  State state_;
  int backlog_ = 128;
};

SocketResult<void> TcpSocket::start_bind(network::network& /*network*/,
                                         network::ip_socket_address local) {
  const SocketAddress address(local);
  if (busy()) return std::unexpected(SocketError::concurrency_conflict);
  if (state_ != State::unbound) return std::unexpected(SocketError::invalid_state);
  if (auto fit = check_family(address, v6_); !fit) return fit;
  // Without a port of its own a socket that connects binds to one that is free; to be reached at
  // that one is another matter, which `start-listen` looks at.
  const bool leaves = may_leave_from(host_, Transport::tcp, address);
  if (!leaves && !may(host_, Direction::inbound, Transport::tcp, address))
    return refuse(host_, Direction::inbound, Transport::tcp, address);
  if (auto done = set_option(fd(), SOL_SOCKET, SO_REUSEADDR, 1); !done) return done;
  if (auto done = bind_to(fd(), address); !done) return done;
  state_ = State::bind_started;
  return {};
}

SocketResult<void> TcpSocket::start_connect(network::network& /*network*/,
                                            network::ip_socket_address remote) {
  const SocketAddress address(remote);
  if (busy()) return std::unexpected(SocketError::concurrency_conflict);
  if (state_ != State::unbound && state_ != State::bound)
    return std::unexpected(SocketError::invalid_state);
  if (auto fit = check_remote(address, v6_); !fit) return fit;
  if (!may(host_, Direction::outbound, Transport::tcp, address))
    return refuse(host_, Direction::outbound, Transport::tcp, address);
  if (::connect(fd(), address.get(), address.size) == 0 || errno == EINPROGRESS) {
    state_ = State::connecting;
    return {};
  }
  state_ = State::closed;
  // An implicit bind that found no port.
  if (errno == EADDRNOTAVAIL) return std::unexpected(SocketError::address_in_use);
  return last_socket_error();
}

std::optional<std::tuple<TcpSocket::In, TcpSocket::To>> TcpSocket::open_streams() {
  auto for_input = host_.state().quota.take();
  auto for_output = host_.state().quota.take();
  if (!for_input || !for_output) return std::nullopt;
  output_ = std::make_shared<Output>(host_, std::make_shared<TcpSink>(connection_));
  return std::tuple<In, To>(std::make_unique<Input>(host_, std::make_shared<TcpSource>(connection_),
                                                    std::move(for_input)),
                            std::make_unique<OutputStream>(output_, std::move(for_output)));
}

SocketResult<std::tuple<TcpSocket::In, TcpSocket::To>> TcpSocket::finish_connect() {
  if (state_ != State::connecting) return std::unexpected(SocketError::not_in_progress);
  pollfd look{.fd = fd(), .events = POLLOUT, .revents = 0};
  if (::poll(&look, 1, 0) <= 0) return std::unexpected(SocketError::would_block);
  const auto why = get_option(fd(), SOL_SOCKET, SO_ERROR);
  if (!why || *why != 0) {
    state_ = State::closed;
    if (!why) return std::unexpected(why.error());
    if (*why == EADDRNOTAVAIL) return std::unexpected(SocketError::address_in_use);
    return std::unexpected(socket_error_of(*why));
  }
  auto made = open_streams();
  if (!made) return std::unexpected(SocketError::out_of_memory);
  state_ = State::connected;
  return *std::move(made);
}

SocketResult<void> TcpSocket::start_listen() {
  if (busy()) return std::unexpected(SocketError::concurrency_conflict);
  if (state_ != State::bound) return std::unexpected(SocketError::invalid_state);
  const auto local = name_of(fd());
  if (!local) return std::unexpected(local.error());
  // Bound to a free port, it may be reached there where the grant names every port.
  if (!may(host_, Direction::inbound, Transport::tcp, *local))
    return refuse(host_, Direction::inbound, Transport::tcp, *local);
  if (::listen(fd(), backlog_) != 0) return last_socket_error();
  state_ = State::listen_started;
  return {};
}

SocketResult<std::tuple<std::unique_ptr<tcp::tcp_socket>, TcpSocket::In, TcpSocket::To>>
TcpSocket::accept() {
  if (state_ != State::listening) return std::unexpected(SocketError::invalid_state);
  auto token = host_.state().quota.take();
  if (!token) return std::unexpected(SocketError::new_socket_limit);
  OwnedFd peer(::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (peer.get() < 0) {
    // What had gone wrong on the way to it belongs to the connection, not to this socket.
    if (errno == EINTR) return std::unexpected(SocketError::would_block);
    if (errno == EPROTO || errno == ENETDOWN || errno == EHOSTUNREACH)
      return std::unexpected(SocketError::connection_aborted);
    return last_socket_error();
  }
  auto socket =
      std::make_unique<TcpSocket>(host_, std::move(peer), v6_, std::move(token), State::connected);
  // Linux hands the other options on by itself.
  if (const auto hops = get_hop_limit(fd(), v6_)) (void)socket->set_hop_limit(*hops);
  auto made = socket->open_streams();
  if (!made) return std::unexpected(SocketError::new_socket_limit);
  auto& [in, out] = *made;
  return std::tuple<std::unique_ptr<tcp::tcp_socket>, In, To>(std::move(socket), std::move(in),
                                                              std::move(out));
}

SocketResult<network::ip_socket_address> TcpSocket::local_address() {
  if (state_ == State::unbound || state_ == State::bind_started || state_ == State::closed)
    return std::unexpected(SocketError::invalid_state);
  const auto local = name_of(fd());
  if (!local) return std::unexpected(local.error());
  return local->to_wit();
}

SocketResult<network::ip_socket_address> TcpSocket::remote_address() {
  if (state_ != State::connected) return std::unexpected(SocketError::invalid_state);
  SocketAddress out;
  if (::getpeername(fd(), out.get(), &out.size) != 0) return last_socket_error();
  return out.to_wit();
}

SocketResult<void> TcpSocket::set_listen_backlog_size(std::uint64_t value) {
  if (value == 0) return std::unexpected(SocketError::invalid_argument);
  if (state_ == State::connecting || state_ == State::connected)
    return std::unexpected(SocketError::invalid_state);
  backlog_ = static_cast<int>(std::min<std::uint64_t>(value, std::numeric_limits<int>::max()));
  if (state_ == State::listening && ::listen(fd(), backlog_) != 0) return last_socket_error();
  return {};
}

SocketResult<void> TcpSocket::shutdown(tcp::shutdown_type how) {
  if (state_ != State::connected) return std::unexpected(SocketError::invalid_state);
  if (how != tcp::shutdown_type::send && std::exchange(connection_->receives, false))
    ::shutdown(fd(), SHUT_RD);
  // Once what is written is sent.
  if (how != tcp::shutdown_type::receive) output_->end();
  return {};
}

struct Creating : Interface {
  using Interface::Interface;
  [[nodiscard]] SocketResult<std::unique_ptr<tcp::tcp_socket>> create_tcp_socket(
      network::ip_address_family family) const {
    return make_socket<TcpSocket>(host, family == network::ip_address_family::ipv6, SOCK_STREAM);
  }
};

}  // namespace

Result<void> add_tcp(Linker& linker) {
  TENON_TRY(tcp::add_to_linker(linker, Find<Interface>()));
  TENON_TRY(api::sockets::tcp_create_socket::add_to_linker(linker, Find<Creating>()));
  return {};
}

}  // namespace tenon::wasi::p2
