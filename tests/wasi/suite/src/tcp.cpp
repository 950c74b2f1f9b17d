// SPDX-License-Identifier: Apache-2.0

// wasi:sockets/tcp over the loopback interface, both ends in one program.
#include "sockets.h"

namespace cases {
namespace {

namespace tcp = wasi::sockets::tcp;
using tcp::tcp_socket;
using wasi::sockets::instance_network::instance_network;
using wasi::sockets::tcp_create_socket::create_tcp_socket;

tcp_socket make(ip_address_family family = ip_address_family::ipv4) {
  return *create_tcp_socket(family);
}

/// A socket that listens on a free port.
tcp_socket listener() {
  const auto net = instance_network();
  auto socket = make();
  say("bind: " + code(socket.start_bind(net, v4(0))) + " " + code(socket.finish_bind()));
  say("listen: " + code(socket.start_listen()) + " " + code(socket.finish_listen()));
  return socket;
}

using Streams = std::tuple<streams::input_stream, streams::output_stream>;

Streams connect(const tcp_socket& socket, const ip_socket_address& to) {
  const auto net = instance_network();
  say("connect: " + code(socket.start_connect(net, to)));
  for (;;) {
    auto made = socket.finish_connect();
    if (made) return *std::move(made);
    if (made.error() != network::error_code::would_block) say("connected: " + code(made));
    socket.subscribe().block();
  }
}

std::tuple<tcp_socket, streams::input_stream, streams::output_stream> accept(
    const tcp_socket& from) {
  for (;;) {
    auto made = from.accept();
    if (made) return *std::move(made);
    from.subscribe().block();
  }
}

void echo() {
  const auto server = listener();
  say("nobody yet: " + code(server.accept()));
  const auto client = make();
  const auto [in, out] = connect(client, *server.local_address());
  const auto [peer, peer_in, peer_out] = accept(server);
  say("nothing yet: " + std::to_string(in.read(10)->size()));
  say("ask: " + code(out.blocking_write_and_flush(bytes("ping"))));
  say("heard: " + text(*peer_in.blocking_read(10)));
  say("answer: " + code(peer_out.blocking_write_and_flush(bytes("pong"))));
  say("back: " + text(*in.blocking_read(10)));
  say("ports: " +
      std::to_string(port_of(*client.remote_address()) == port_of(*server.local_address())) +
      std::to_string(port_of(*peer.remote_address()) == port_of(*client.local_address())));
  say("end: " + code(client.shutdown(tcp::shutdown_type::send)));
  say("write after: " + code(out.check_write()));
  say("the peer's end: " + code(peer_in.blocking_read(1)));
  say("again: " + code(client.shutdown(tcp::shutdown_type::both)));
  say("read after: " + code(in.blocking_read(1)));
  say("listening: " + std::to_string(server.is_listening()) + std::to_string(peer.is_listening()));
}

/// More than the system takes at once: the permit goes to nothing, and comes back once the other
/// end reads.
void back_pressure() {
  const auto server = listener();
  const auto client = make();
  const auto [in, out] = connect(client, *server.local_address());
  const auto [peer, peer_in, peer_out] = accept(server);
  std::uint64_t sent = 0;
  std::uint64_t got = 0;
  bool stopped = false;
  constexpr std::uint64_t wanted = 20'000'000;
  const std::vector<std::uint8_t> chunk(50'000, 'x');
  while (got < wanted) {
    while (sent < wanted) {
      const auto permit = out.check_write();
      if (!permit) return say("check: " + code(permit));
      if (*permit == 0) {
        stopped = true;
        break;
      }
      const auto n = std::min({*permit, std::uint64_t{chunk.size()}, wanted - sent});
      if (const auto done = out.write(std::span(chunk).first(n)); !done)
        return say("write: " + code(done));
      sent += n;
    }
    (void)out.flush();
    const auto some = peer_in.read(1'000'000);
    if (!some) return say("read: " + code(some));
    got += some->size();
    if (some->empty()) (void)wait_for(peer_in.subscribe(), out.subscribe());
  }
  say("stopped: " + std::to_string(stopped));
  say("got", got);
}

void states() {
  const auto net = instance_network();
  const auto socket = make();
  say("accept: " + code(socket.accept()));
  say("local: " + code(socket.local_address()));
  say("remote: " + code(socket.remote_address()));
  say("listen unbound: " + code(socket.start_listen()));
  say("finish bind: " + code(socket.finish_bind()));
  say("finish listen: " + code(socket.finish_listen()));
  say("finish connect: " + code(socket.finish_connect()));
  say("shutdown: " + code(socket.shutdown(tcp::shutdown_type::both)));
  say("bind: " + code(socket.start_bind(net, v4(0))));
  say("again: " + code(socket.start_bind(net, v4(0))));
  say("finish: " + code(socket.finish_bind()));
  say("finish again: " + code(socket.finish_bind()));
  say("bound again: " + code(socket.start_bind(net, v4(0))));
  say("local: " + code(socket.local_address()));
  say("listen: " + code(socket.start_listen()));
  say("finish: " + code(socket.finish_listen()));
  say("connect: " + code(socket.start_connect(net, v4(1))));
  say("ready: " + std::to_string(make().subscribe().ready()));
}

void bad_addresses() {
  const auto net = instance_network();
  const auto four = make();
  const auto six = make(ip_address_family::ipv6);
  say("bind v6: " + code(four.start_bind(net, v6(0))));
  say("bind v4: " + code(six.start_bind(net, v4(0))));
  say("bind mapped: " + code(six.start_bind(net, v6(0, 1, 0xFFFF))));
  say("bind multicast: " + code(four.start_bind(net, v4(0, 224))));
  say("bind elsewhere: " + code(four.start_bind(net, v4(0, 192, 0, 2, 1))));
  say("connect to port 0: " + code(four.start_connect(net, v4(0))));
  say("connect to any: " + code(make().start_connect(net, v4(80, 0, 0, 0, 0))));
  say("connect to broadcast: " + code(make().start_connect(net, v4(80, 255, 255, 255, 255))));
  say("connect mapped: " + code(six.start_connect(net, v6(80, 1, 0xFFFF))));
}

/// Nobody listens where somebody has just stopped.
void refused() {
  const auto net = instance_network();
  std::uint16_t port = 0;
  {
    const auto gone = listener();
    port = port_of(*gone.local_address());
  }
  const auto socket = make();
  say("start: " + code(socket.start_connect(net, v4(port))));
  socket.subscribe().block();
  say("finish: " + code(socket.finish_connect()));
  say("again: " + code(socket.start_connect(net, v4(port))));
}

void options() {
  const auto socket = make();
  say("backlog 0: " + code(socket.set_listen_backlog_size(0)));
  say("backlog: " + code(socket.set_listen_backlog_size(~std::uint64_t{0})));
  say("keep-alive: " + std::to_string(*socket.keep_alive_enabled()));
  say("on: " + code(socket.set_keep_alive_enabled(true)) +
      std::to_string(*socket.keep_alive_enabled()));
  say("idle 0: " + code(socket.set_keep_alive_idle_time(0)));
  say("idle: " + code(socket.set_keep_alive_idle_time(1)));
  say("idle", *socket.keep_alive_idle_time());
  say("idle: " + code(socket.set_keep_alive_idle_time(~std::uint64_t{0})));
  say("interval 0: " + code(socket.set_keep_alive_interval(0)));
  say("interval: " + code(socket.set_keep_alive_interval(7'000'000'000)));
  say("interval", *socket.keep_alive_interval());
  say("count 0: " + code(socket.set_keep_alive_count(0)));
  say("count: " + code(socket.set_keep_alive_count(~std::uint32_t{0})));
  say("hops 0: " + code(socket.set_hop_limit(0)));
  say("hops: " + code(socket.set_hop_limit(42)));
  say("hops", *socket.hop_limit());
  say("receive 0: " + code(socket.set_receive_buffer_size(0)));
  say("receive: " + code(socket.set_receive_buffer_size(0x10000)));
  say("receive", *socket.receive_buffer_size());
  say("send: " + code(socket.set_send_buffer_size(0x10000)));
  say("send", *socket.send_buffer_size());
  say("send: " + code(socket.set_send_buffer_size(~std::uint64_t{0})));
  say("family: " + std::to_string(static_cast<int>(socket.address_family())));
}

/// Options of a socket are those of what it accepts.
void inherited() {
  const auto server = listener();
  (void)server.set_hop_limit(33);
  (void)server.set_keep_alive_enabled(true);
  const auto client = make();
  const auto [in, out] = connect(client, *server.local_address());
  const auto [peer, peer_in, peer_out] = accept(server);
  say("hops", *peer.hop_limit());
  say("keep-alive: " + std::to_string(*peer.keep_alive_enabled()));
}

/// What a dropped stream was given still arrives.
void dropped_stream() {
  const auto server = listener();
  auto client = std::optional(make());
  auto ends = std::optional(connect(*client, *server.local_address()));
  const auto [peer, peer_in, peer_out] = accept(server);
  say("write: " + write_all(std::get<1>(*ends), bytes("the last words")));
  ends.reset();
  client.reset();
  say("heard: " + read_all(peer_in));
}

void many_connections() {
  const auto server = listener();
  std::vector<tcp_socket> sockets;
  std::vector<streams::input_stream> in;
  std::vector<streams::output_stream> out;
  for (int i = 0; i < 100; ++i) {
    sockets.push_back(make());
    const auto net = instance_network();
    (void)sockets.back().start_connect(net, *server.local_address());
    auto [peer, peer_in, peer_out] = accept(server);
    sockets.back().subscribe().block();
    auto mine = sockets.back().finish_connect();
    in.push_back(std::move(std::get<0>(*mine)));
    out.push_back(std::move(std::get<1>(*mine)));
    sockets.push_back(std::move(peer));
    in.push_back(std::move(peer_in));
    out.push_back(std::move(peer_out));
  }
  std::vector<pollable> each;
  for (const auto& one : in) each.push_back(one.subscribe());
  const auto now = wasi::clocks::monotonic_clock::subscribe_duration(0);
  std::vector<::tenon::guest::borrow<pollable>> list(each.begin(), each.end());
  list.emplace_back(now);
  say("ready", wasi::io::poll::poll(list).size());
  (void)out[101].blocking_write_and_flush(bytes("x"));
  list.pop_back();
  const auto ready = wasi::io::poll::poll(list);
  say("ready", ready.size());
  say("which", ready[0]);
  each.clear();
}

/// Connections that nobody accepts, which go in an order of their own.
void pending_connections() {
  const auto net = instance_network();
  auto server = std::optional(listener());
  const auto to = *server->local_address();
  std::vector<tcp_socket> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(make());
    if (const auto started = clients.back().start_connect(net, to); !started)
      say("start: " + code(started));
  }
  // Each third goes before it is connected, each third before it is accepted.
  for (std::size_t i = clients.size(); i-- > 0;) {
    if (i % 3 == 0) clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::size_t connected = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].subscribe().block();
    if (i % 2 == 0 && clients[i].finish_connect()) ++connected;
  }
  say("connected", connected);
  for (int i = 0; i < 10; ++i) {
    const auto [peer, in, out] = accept(*server);
    say("none: " + code(out.write({})));
    (void)out.check_write();
    say("none: " + code(out.write({})) + " " + code(peer.shutdown(tcp::shutdown_type::both)) + " " +
        code(peer.shutdown(tcp::shutdown_type::both)) + " " + code(out.write({})));
  }
  server.reset();
  clients.clear();
  say("again: " + code(make().start_bind(net, v4(0))));
}

/// As many as the host gives, and as many once more when they are gone.
void as_many_as_there_are() {
  for (int round = 0; round < 2; ++round) {
    std::vector<tcp_socket> sockets;
    std::string end = "none";
    while (sockets.size() < 30'000) {
      auto one = create_tcp_socket(ip_address_family::ipv4);
      if (!one) {
        end = code(one);
        break;
      }
      sockets.push_back(*std::move(one));
    }
    const bool enough = sockets.size() > 100;
    // A stream to say it by is one more.
    sockets.clear();
    say("enough: " + std::to_string(enough) + ", the end: " + end);
  }
}

void special_addresses() {
  const auto net = instance_network();
  const auto try_v4 = [&](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    say(code(make().start_connect(net, v4(80, a, b, c, d))));
  };
  try_v4(169, 254, 169, 254);
  try_v4(169, 254, 0, 1);
  try_v4(100, 100, 100, 200);
  try_v4(168, 63, 129, 16);
  try_v4(224, 0, 0, 1);
  try_v4(0, 0, 0, 0);
  const auto try_v6 = [&](std::tuple<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t,
                                     std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t>
                              address) {
    network::ipv6_socket_address at;
    at.port = 80;
    at.address = address;
    say(code(make(ip_address_family::ipv6).start_connect(net, ip_socket_address::ipv6{at})));
  };
  try_v6({0xFE80, 0, 0, 0, 0, 0, 0, 1});
  try_v6({0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254});
  try_v6({0, 0, 0, 0, 0, 0xFFFF, 0xA9FE, 0xA9FE});
  try_v6({0x64, 0xFF9B, 0, 0, 0, 0, 0xA9FE, 0xA9FE});
  try_v6({0x2002, 0xA9FE, 0xA9FE, 0, 0, 0, 0, 1});
  try_v6({0xFF02, 0, 0, 0, 0, 0, 0, 1});
  say("bind: " + code(make().start_bind(net, v4(0, 169, 254, 0, 1))));
}

constexpr Case list[] = {
    {"tcp-pending", pending_connections},
    {"tcp-as-many-as-there-are", as_many_as_there_are},
    {"tcp-special-addresses", special_addresses},
    {"tcp-echo", echo},
    {"tcp-back-pressure", back_pressure},
    {"tcp-states", states},
    {"tcp-bad-addresses", bad_addresses},
    {"tcp-refused", refused},
    {"tcp-options", options},
    {"tcp-inherited", inherited},
    {"tcp-dropped-stream", dropped_stream},
    {"tcp-many", many_connections},
};

}  // namespace

std::span<const Case> of_tcp() {
  return list;
}

}  // namespace cases
