// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/runtime/embed.h"
#include "tenon/wasi/context.h"
#include "tenon/wasi/core/state.h"
#include "tenon_wasi_p2_host.h"

// What the interfaces of WASI 0.2 have in common. Private to the room.
namespace tenon::wasi::p2 {

// The generated classes.
namespace api = ::tenon_wasi_p2::wasi;
namespace streams = api::io::streams;

/// A guest's fault: where a generated method has no result that could say so.
[[noreturn]] void trap(std::string message);

/// What pollables wait for, each under its index.
class WaitSet {
 public:
  explicit WaitSet(Clock& clock) : clock_(clock) {}

  /// What is added from now on is this one's.
  void begin(std::uint32_t index) { index_ = index; }
  /// A descriptor that can be read or written. One that is broken or closed is ready.
  void descriptor(int fd, bool read, bool write);
  /// A time of the guest's monotonic clock.
  void timer(std::uint64_t monotonic);

  /// Waits once, or only looks; adds the indices of what is ready then.
  void wait(Store& store, bool only_look, std::vector<std::uint32_t>& ready);

 private:
  struct Timer {
    std::uint64_t monotonic;
    std::uint32_t index;
  };
  [[nodiscard]] bool due(std::vector<std::uint32_t>& ready);

  Clock& clock_;
  std::uint32_t index_ = 0;
  // A descriptor is in it once however many wait for it: the system counts against a limit.
  std::vector<engine::WaitEvent> events_;
  std::unordered_map<std::uint64_t, std::uint32_t> event_of_;
  struct Waiting {
    std::uint32_t event;
    std::uint32_t index;
  };
  std::vector<Waiting> waiting_;
  std::vector<Timer> timers_;
};

/// What becomes ready. Stays alive as long as its pollables.
class Waitable {
 public:
  Waitable() = default;
  Waitable(const Waitable&) = delete;
  Waitable& operator=(const Waitable&) = delete;
  virtual ~Waitable() = default;
  /// True: it is ready now. Else adds what it waits for; nothing: it never is.
  virtual bool collect(WaitSet& set) = 0;
};

class Output;
class StandardOutput;

/// WASI 0.2 for the guests of one store: an extension of it, made at first use.
class Host {
 public:
  Host(Store& store, Context& context);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  /// Writes what standard output still holds.
  ~Host();

  [[nodiscard]] Store& store() const { return store_; }
  [[nodiscard]] ContextState& state() const { return context_.state(); }
  [[nodiscard]] Clock& clock() const { return *state().clock; }

  /// Waits until one is ready: their indices, ascending. Traps when the store must stop.
  std::vector<std::uint32_t> wait(std::span<Waitable* const> list);
  void wait(Waitable& one);
  /// Whether it is ready; does not wait.
  [[nodiscard]] bool ready(Waitable& one);

  /// A unit of what a guest may hold, for functions that cannot fail: traps when there is none.
  [[nodiscard]] Quota::Token token() const;

  /// Standard output and error: all handles of the guest's share what is not written yet.
  [[nodiscard]] const std::shared_ptr<StandardOutput>& out();
  [[nodiscard]] const std::shared_ptr<StandardOutput>& err();
  /// Waits until all of it is written.
  void finish();
  /// What a guest has dropped while some of it is not written: that goes on while the store waits,
  /// and counts against the guest's quota until then.
  void linger(const std::shared_ptr<Output>& output, Quota::Token token) noexcept;

  /// What names stood for when a guest of this store asked: a grant that names a host is of these.
  std::map<std::string, std::vector<std::string>, std::less<>> names_of_address;

 private:
  Store& store_;
  Context& context_;
  /// Adds what lingers, behind the indices of a wait.
  void collect_lingering(WaitSet& set, std::size_t from);

  std::shared_ptr<StandardOutput> out_;
  std::shared_ptr<StandardOutput> err_;
  struct Lingering {
    std::shared_ptr<Output> output;
    Quota::Token token;
  };
  std::vector<Lingering> lingering_;
};

/// The host of a store.
[[nodiscard]] Host& host_of(Store& store);

/// Where the functions of an interface find the object that has them as its members: an extension
/// of the store, made at first use.
template <class Interface>
struct Find {
  static constexpr const runtime::ExtensionType* needs = &runtime::extension_type<Context>;
  Interface& operator()(Store& store) const {
    if (auto* found = store.extension<Interface>()) return *found;
    return store.emplace_extension<Interface>(host_of(store));
  }
};

/// One of them.
struct Interface {
  explicit Interface(Host& in) : host(in) {}
  Host& host;
};

class Pollable final : public api::io::poll::pollable {
 public:
  Pollable(Host& host, std::shared_ptr<Waitable> what)
      : host_(host), what_(std::move(what)), token_(host.token()) {}
  bool ready() override { return host_.ready(*what_); }
  void block() override { host_.wait(*what_); }
  [[nodiscard]] Waitable& what() const { return *what_; }

 private:
  Host& host_;
  std::shared_ptr<Waitable> what_;
  Quota::Token token_;
};

// The packages.
[[nodiscard]] Result<void> add_io(Linker& linker);
[[nodiscard]] Result<void> add_clocks(Linker& linker);
[[nodiscard]] Result<void> add_random(Linker& linker);
[[nodiscard]] Result<void> add_cli(Linker& linker);
[[nodiscard]] Result<void> add_filesystem(Linker& linker);
[[nodiscard]] Result<void> add_network(Linker& linker);
[[nodiscard]] Result<void> add_lookup(Linker& linker);
[[nodiscard]] Result<void> add_tcp(Linker& linker);
[[nodiscard]] Result<void> add_udp(Linker& linker);
[[nodiscard]] Result<void> add_keyvalue(Linker& linker);

}  // namespace tenon::wasi::p2
