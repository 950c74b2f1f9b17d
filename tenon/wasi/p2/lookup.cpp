// SPDX-License-Identifier: Apache-2.0

// wasi:sockets/ip-name-lookup. The system's resolver cannot be called without waiting nor be called
// off, so each look-up has a thread that nobody joins: it writes into what it shares with the
// stream and tells by a descriptor that can be waited for. One that the guest has dropped counts
// against its quota until it ends. Spec: wasi:sockets/ip-name-lookup.
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <system_error>
#include <thread>

#include "tenon/base/ascii.h"
#include "tenon/wasi/p2/network.h"

namespace tenon::wasi::p2 {
namespace {

namespace lookup = api::sockets::ip_name_lookup;

/// Look-ups of a store that are under way at a time.
constexpr std::size_t most_lookups = 16;
/// Addresses of a store whose names are kept.
constexpr std::size_t most_known = 10'000;
constexpr std::size_t most_addresses = 256;

/// What a thread and the guest share.
struct Query {
  std::string name;
  OwnedFd event;
  std::atomic<bool> done{false};
  // Written before `done`.
  SocketResult<std::vector<SocketAddress>> found;
};

SocketError error_of(int code) {
  switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
      return SocketError::name_unresolvable;
    case EAI_AGAIN:
      return SocketError::temporary_resolver_failure;
    case EAI_MEMORY:
      return SocketError::out_of_memory;
    default:
      return SocketError::permanent_resolver_failure;
  }
}

SocketResult<std::vector<SocketAddress>> resolve(const std::string& name) {
  addrinfo how{};
  how.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int code = ::getaddrinfo(name.c_str(), nullptr, &how, &list); code != 0)
    return std::unexpected(error_of(code));
  std::vector<SocketAddress> out;
  for (const auto* at = list; at != nullptr && out.size() < most_addresses; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    auto& address = out.emplace_back();
    std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
  }
  ::freeaddrinfo(list);
  return out;
}

void run(const std::shared_ptr<Query>& query) {
  query->found = resolve(query->name);
  query->done.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  (void)!::write(query->event.get(), &one, sizeof(one));
}

/// A name of the DNS, and what IDNA makes of one in another script is left to the resolver.
bool is_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  for (const char c : name) {
    const bool plain = is_letter(c) || is_digit(c) || c == '-' || c == '_' || (c & 0x80) != 0;
    if (c == '.' ? label == 0 : !plain) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
  }
  return label != 0;
}

std::optional<SocketAddress> literal(std::string_view name) {
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (name.find('\0') != std::string_view::npos) return std::nullopt;
  // Neither a zone nor the old spellings of IPv4 with fewer parts.
  const std::string text(name);
  SocketAddress out;
  if (inet_pton(AF_INET, text.c_str(), &reinterpret_cast<sockaddr_in&>(out.bytes).sin_addr) == 1) {
    out.bytes.ss_family = AF_INET;
    out.size = sizeof(sockaddr_in);
    return out;
  }
  out = {};
  if (inet_pton(AF_INET6, text.c_str(), &reinterpret_cast<sockaddr_in6&>(out.bytes).sin6_addr) != 1)
    return std::nullopt;
  out.bytes.ss_family = AF_INET6;
  out.size = sizeof(sockaddr_in6);
  return out;
}

std::string lower(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out(name);
  for (char& c : out) c = to_lower(c);
  return out;
}

/// The look-ups of a store, an extension of it.
struct Lookups : Interface {
  explicit Lookups(Host& in) : Interface(in) {}
  struct Running {
    std::shared_ptr<Query> query;
    Quota::Token token;
  };
  std::vector<Running> running;
  std::size_t known = 0;

  [[nodiscard]] SocketResult<std::unique_ptr<lookup::resolve_address_stream>> resolve_addresses(
      network::network& network, const std::string& name);
  SocketResult<std::shared_ptr<Query>> start(std::string name);
  /// Keeps what a name stands for, without what must not be reached.
  void settle(const Query& query, std::vector<SocketAddress>& addresses);
};

class Addresses final : public lookup::resolve_address_stream, public Waitable {
 public:
  Addresses(Lookups& all, std::shared_ptr<Query> query, Quota::Token token)
      : all_(all), query_(std::move(query)), token_(std::move(token)) {}
  Addresses(Lookups& all, SocketAddress one, Quota::Token token)
      : all_(all), addresses_{one}, token_(std::move(token)) {}

  SocketResult<std::optional<network::ip_address>> resolve_next_address() override {
    if (query_ != nullptr) {
      if (!query_->done.load(std::memory_order_acquire))
        return std::unexpected(SocketError::would_block);
      if (!query_->found) return std::unexpected(query_->found.error());
      addresses_ = *query_->found;
      all_.settle(*query_, addresses_);
      query_ = nullptr;
    }
    if (next_ == addresses_.size()) return std::optional<network::ip_address>();
    return std::optional(ip_of(addresses_[next_++]));
  }
  std::unique_ptr<api::io::poll::pollable> subscribe() override {
    return std::make_unique<Pollable>(
        all_.host, std::shared_ptr<Waitable>(shared_from_this(), static_cast<Waitable*>(this)));
  }
  bool collect(WaitSet& set) override {
    if (query_ == nullptr || query_->done.load(std::memory_order_acquire)) return true;
    set.descriptor(query_->event.get(), true, false);
    return false;
  }

 private:
  Lookups& all_;
  std::shared_ptr<Query> query_;
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  Quota::Token token_;
};

void Lookups::settle(const Query& query, std::vector<SocketAddress>& addresses) {
  const bool special = host.state().network.special_ranges;
  std::erase_if(addresses, [&](const SocketAddress& address) {
    return address.is_mapped() || (address.is_special() && !special);
  });
  for (const auto& address : addresses) {
    if (known == most_known) return;
    auto& names = host.names_of_address[address.host()];
    if (std::ranges::find(names, query.name) != names.end()) continue;
    names.push_back(query.name);
    ++known;
  }
}

SocketResult<std::shared_ptr<Query>> Lookups::start(std::string name) {
  std::erase_if(running,
                [](const Running& one) { return one.query->done.load(std::memory_order_acquire); });
  if (running.size() == most_lookups)
    return std::unexpected(SocketError::temporary_resolver_failure);
  Running one{std::make_shared<Query>(), host.state().quota.take()};
  if (!one.token) return std::unexpected(SocketError::out_of_memory);
  one.query->name = std::move(name);
  one.query->event = OwnedFd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (one.query->event.get() < 0) return last_socket_error();
  try {
    std::thread(run, one.query).detach();
  } catch (const std::system_error&) {
    return std::unexpected(SocketError::out_of_memory);
  }
  running.push_back(std::move(one));
  return running.back().query;
}

SocketResult<std::unique_ptr<lookup::resolve_address_stream>> Lookups::resolve_addresses(
    network::network& /*network*/, const std::string& name) {
  auto token = host.state().quota.take();
  if (!token) return std::unexpected(SocketError::out_of_memory);
  if (const auto address = literal(name)) {
    if (address->is_mapped()) return std::unexpected(SocketError::invalid_argument);
    return std::make_unique<Addresses>(*this, *address, std::move(token));
  }
  if (!is_name(name)) return std::unexpected(SocketError::invalid_argument);
  auto plain = lower(name);
  if (!host.state().network.may_resolve(plain)) {
    host.state().refusals->note(Refused::resolve, plain);
    return std::unexpected(SocketError::access_denied);
  }
  auto query = start(std::move(plain));
  if (!query) return std::unexpected(query.error());
  return std::make_unique<Addresses>(*this, *std::move(query), std::move(token));
}

}  // namespace

Result<void> add_lookup(Linker& linker) {
  return lookup::add_to_linker(linker, Find<Lookups>());
}

}  // namespace tenon::wasi::p2
