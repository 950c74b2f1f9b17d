// SPDX-License-Identifier: Apache-2.0
// A grant names a transport, a host and a port, and nothing is implied: there is no default port
// and no prefix matching except `*.` for names to resolve.
#include "tenon/wasi/core/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "tenon/base/ascii.h"
#include "tenon/wasi/rules.h"

namespace tenon::wasi {
namespace {

Error refused(std::string detail) {
  return Error(rules::grant, Span::none(), std::move(detail))
      .help("write `tcp://HOST`, `tcp://HOST:PORT` or `tcp://HOST:*`, or the same with `udp`");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

}  // namespace

bool NetworkGrants::may_resolve(std::string_view name) const {
  std::string asked = lower(name);
  if (asked.ends_with('.')) asked.pop_back();
  return std::ranges::any_of(resolve, [&](const std::string& granted) {
    if (granted == "*" || granted == asked) return true;
    return granted.starts_with("*.") && asked.size() >= granted.size() &&
           asked.ends_with(std::string_view(granted).substr(1));
  });
}

Result<AddressGrant> parse_address_grant(std::string_view text) {
  AddressGrant grant;
  std::string_view rest = text;
  if (rest.starts_with("tcp://")) {
    grant.transport = Transport::tcp;
  } else if (rest.starts_with("udp://")) {
    grant.transport = Transport::udp;
  } else {
    return std::unexpected(
        refused(fmt::format("`{}` begins with neither `tcp://` nor `udp://`", text)));
  }
  rest.remove_prefix(6);
  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos || !is_ipv6(std::string(rest.substr(1, close - 1))))
      return std::unexpected(refused(fmt::format("`{}` has no IPv6 address in brackets", text)));
    grant.host = lower(rest.substr(1, close - 1));
    rest.remove_prefix(close + 1);
    has_port = rest.starts_with(':');
    if (!has_port && !rest.empty())
      return std::unexpected(refused(fmt::format("`{}` goes on behind the address", text)));
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = rest.find(':');
    has_port = colon != std::string_view::npos;
    if (has_port) port = rest.substr(colon + 1);
    grant.host = lower(rest.substr(0, colon));
    if (grant.host != "*" && !is_host_name(grant.host))
      return std::unexpected(refused(fmt::format("`{}` names no host", text)));
  }
  if (!has_port || port == "*") return grant;
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (bad != std::errc() || end != port.data() + port.size() || port.empty())
    return std::unexpected(refused(fmt::format("`{}` is not a port, in `{}`", port, text)));
  grant.port = number;
  return grant;
}

Result<std::string> parse_resolve_grant(std::string_view text) {
  std::string name = lower(text);
  if (name.ends_with('.') && name.size() > 1) name.pop_back();
  std::string_view host = name;
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (name == "*" || is_host_name(host)) return name;
  return std::unexpected(
      Error(rules::grant, Span::none(), fmt::format("`{}` is no name to look up", text))
          .help("write `NAME`, `*.SUFFIX` or `*`"));
}

}  // namespace tenon::wasi
