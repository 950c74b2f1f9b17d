// SPDX-License-Identifier: Apache-2.0

// wasi:sockets/udp and ip-name-lookup, on the loopback interface alone.
#include "sockets.h"

namespace cases {
namespace {

namespace udp = wasi::sockets::udp;
using udp::udp_socket;
using wasi::sockets::instance_network::instance_network;
using wasi::sockets::udp_create_socket::create_udp_socket;

udp_socket make(ip_address_family family = ip_address_family::ipv4) {
  return *create_udp_socket(family);
}
udp_socket bound() {
  const auto net = instance_network();
  auto socket = make();
  say("bind: " + code(socket.start_bind(net, v4(0))) + " " + code(socket.finish_bind()));
  return socket;
}

udp::outgoing_datagram datagram(std::string_view content, std::optional<ip_socket_address> to) {
  const auto from = bytes(content);
  return {{from.begin(), from.end()}, std::move(to)};
}
template <class Out>
std::string send(const Out& out, const udp::outgoing_datagram& one) {
  while (out.check_send().value_or(1) == 0) out.subscribe().block();
  const auto sent = out.send(std::span(&one, 1));
  return sent ? "sent " + std::to_string(*sent) : code(sent);
}
template <class In>
std::string receive(const In& in) {
  for (;;) {
    const auto got = in.receive(1);
    if (!got) return code(got);
    if (!got->empty()) return text((*got)[0].data);
    in.subscribe().block();
  }
}

void datagrams() {
  const auto a = bound();
  const auto b = bound();
  const auto [a_in, a_out] = *a.stream(std::nullopt);
  const auto [b_in, b_out] = *b.stream(std::nullopt);
  say("nothing yet", a_in.receive(10)->size());
  say("to nobody: " + send(a_out, datagram("x", std::nullopt)));
  say(send(a_out, datagram("one", *b.local_address())));
  say("heard: " + receive(b_in));
  say(send(b_out, datagram("", *a.local_address())));
  say("empty: " + receive(a_in));
  say(send(b_out, datagram(std::string(65'000, 'y'), *a.local_address())));
  say("large", receive(a_in).size());
  say("too large: " + send(b_out, datagram(std::string(65'600, 'y'), *a.local_address())));
  say("remote: " + code(a.remote_address()));
}

void connected() {
  const auto a = bound();
  const auto b = bound();
  const auto stranger = bound();
  auto both = std::optional(*a.stream(*b.local_address()));
  say("remote: " + std::to_string(port_of(*a.remote_address()) == port_of(*b.local_address())));
  const auto [b_in, b_out] = *b.stream(std::nullopt);
  const auto [s_in, s_out] = *stranger.stream(std::nullopt);
  say(send(std::get<1>(*both), datagram("plain", std::nullopt)));
  say("heard: " + receive(b_in));
  say(send(std::get<1>(*both), datagram("named", *b.local_address())));
  say("heard: " + receive(b_in));
  say("elsewhere: " + send(std::get<1>(*both), datagram("x", *stranger.local_address())));
  say(send(s_out, datagram("strange", *a.local_address())));
  say(send(b_out, datagram("known", *a.local_address())));
  say("heard: " + receive(std::get<0>(*both)));
  both.reset();
  both.emplace(*a.stream(std::nullopt));
  say("remote: " + code(a.remote_address()));
  say(send(s_out, datagram("now welcome", *a.local_address())));
  say("heard: " + receive(std::get<0>(*both)));
}

void states() {
  const auto net = instance_network();
  const auto socket = make();
  say("stream unbound: " + code(socket.stream(std::nullopt)));
  say("local: " + code(socket.local_address()));
  say("finish: " + code(socket.finish_bind()));
  say("bind v6: " + code(socket.start_bind(net, v6(0))));
  say("bind elsewhere: " + code(socket.start_bind(net, v4(0, 192, 0, 2, 1))));
  say("bind: " + code(socket.start_bind(net, v4(0))));
  say("finish: " + code(socket.finish_bind()));
  say("again: " + code(socket.start_bind(net, v4(0))));
  say("stream to v6: " + code(socket.stream(v6(9))));
  say("stream to port 0: " + code(socket.stream(v4(0))));
  say("stream to any: " + code(socket.stream(v4(9, 0, 0, 0, 0))));
  say("hops 0: " + code(socket.set_unicast_hop_limit(0)));
  say("hops: " + code(socket.set_unicast_hop_limit(9)));
  say("hops", *socket.unicast_hop_limit());
  say("receive 0: " + code(socket.set_receive_buffer_size(0)));
  say("receive: " + code(socket.set_receive_buffer_size(0x10000)));
  say("receive", *socket.receive_buffer_size());
  say("send 0: " + code(socket.set_send_buffer_size(0)));
  say("family: " + std::to_string(static_cast<int>(socket.address_family())));
}

void send_without_permit() {
  const auto a = bound();
  const auto [in, out] = *a.stream(std::nullopt);
  const auto one = datagram("x", *a.local_address());
  (void)out.send(std::span(&one, 1));
  say("not reached");
}

std::string look_up(std::string_view name) {
  namespace lookup = wasi::sockets::ip_name_lookup;
  const auto found = lookup::resolve_addresses(instance_network(), name);
  if (!found) return code(found);
  for (;;) {
    const auto next = found->resolve_next_address();
    if (!next && next.error() == network::error_code::would_block) {
      found->subscribe().block();
      continue;
    }
    if (!next) return code(next);
    if (!*next) return "nothing";
    if (std::holds_alternative<network::ip_address::ipv6>(**next)) return "an IPv6 address";
    const auto [a, b, c, d] = std::get<network::ip_address::ipv4>(**next).value;
    return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c) + "." +
           std::to_string(d);
  }
}

void names() {
  say("literal: " + look_up("127.0.0.1"));
  say("literal v6: " + look_up("::1"));
  say("empty: " + look_up(""));
  say("blank: " + look_up("a b"));
  say("localhost: " + look_up("localhost"));
}

/// A socket goes before its streams, and one stream before the other.
void odd_drops() {
  auto a = std::optional(bound());
  const auto b = bound();
  const auto to = *b.local_address();
  const auto [in, out] = *b.stream(std::nullopt);
  auto ends = std::optional(*a->stream(to));
  a.reset();
  say(send(std::get<1>(*ends), datagram("from a socket that is gone", std::nullopt)));
  say("heard: " + receive(in));
  {
    const auto gone = std::move(std::get<0>(*ends));
  }
  say(send(std::get<1>(*ends), datagram("again", std::nullopt)));
  say("heard: " + receive(in));
  say("none", in.receive(0)->size());
  say("nothing", in.receive(~std::uint64_t{0})->size());
  say("empty list: " + code(out.send({})));
}

void odd_names() {
  say("dots: " + look_up("a..b") + ", " + look_up(".") + ", " + look_up(".a"));
  say("long label: " + look_up(std::string(64, 'a') + ".example"));
  std::string name;
  for (int i = 0; i < 4; ++i) name += std::string(63, 'a') + ".";
  say("long: " + look_up(name));
  say("very long: " + look_up(std::string(1'000'000, 'a')));
  say("zero: " + look_up(std::string_view("local\0host", 10)));
  say("port: " + look_up("localhost:80"));
  say("zone: " + look_up("fe80::1%lo"));
  say("mapped: " + look_up("::ffff:127.0.0.1"));
  say("url: " + look_up("http://localhost/"));
}

constexpr Case list[] = {
    {"udp-odd-drops", odd_drops},
    {"odd-names", odd_names},
    {"udp-datagrams", datagrams},
    {"udp-connected", connected},
    {"udp-states", states},
    {"udp-without-permit", send_without_permit},
    {"names", names},
};

}  // namespace

std::span<const Case> of_udp() {
  return list;
}

}  // namespace cases
