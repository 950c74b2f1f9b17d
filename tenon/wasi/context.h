// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/engine/trap.h"
#include "tenon/wasi/core/clock.h"
#include "tenon/wasi/core/descriptor.h"
#include "tenon/wasi/core/random.h"
#include "tenon/wasi/core/refusals.h"
#include "tenon/wasi/core/stream.h"

namespace tenon::runtime {
class Linker;
class Store;
}  // namespace tenon::runtime

namespace tenon::wasi {

struct ContextState;

enum class Access : std::uint8_t { read_only, read_write };

/// What the guests of one store find of the world: nothing but what a call here grants. A store
/// holds it as `store.emplace_extension<wasi::Context>()`, a host of core modules beside its store.
/// Grants are made before the guest runs. Not thread-safe; outlives whatever guests hold of it.
///
/// A fresh one has no arguments, environment, directories and network, standard input at its end,
/// standard output and error that keep nothing, the host's clocks and the host's random bytes.
class Context {
 public:
  Context();
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  // The command line. Text is UTF-8 without NUL; a name of the environment has no `=`. What is not
  // so is an error of rule `wasi-grant`.
  /// All arguments; the first is by custom the program's name.
  [[nodiscard]] Result<void> set_args(std::vector<std::string> args);
  /// A variable; one of that name is replaced.
  [[nodiscard]] Result<void> grant_env(std::string name, std::string value);
  /// The variable of this process, if it is there and fit.
  [[nodiscard]] Result<void> inherit_env(const std::string& name);
  /// All variables of this process that are fit.
  void inherit_env();
  /// What `initial-cwd` tells: a name among the guest's directories. Grants nothing.
  [[nodiscard]] Result<void> set_cwd(std::string path);

  // Files.
  /// A directory of the host, under a name of the guest's. An error when it cannot be opened.
  [[nodiscard]] Result<void> grant_dir(const std::string& host, std::string guest,
                                       Access access = Access::read_write);
  /// `HOST`, `HOST::GUEST` or `HOST::GUEST:ro`; it splits at the last `::`.
  [[nodiscard]] Result<void> grant_dir(std::string_view text);
  /// A directory of any kind, such as `MemoryFileSystem::root`.
  [[nodiscard]] Result<void> grant_dir(DescriptorPtr directory, std::string guest);

  // Standard input and output. Null: an input at its end, an output that is discarded.
  void set_stdin(std::shared_ptr<InputSource> source);
  void set_stdout(std::shared_ptr<OutputSink> sink);
  void set_stderr(std::shared_ptr<OutputSink> sink);
  /// All three of this process.
  void inherit_stdio();

  // Clocks and random bytes. Null: those of the host.
  void set_clock(std::shared_ptr<Clock> clock);
  /// Time stays at this one and moves only when a guest waits.
  void fix_clock(Timestamp at) { set_clock(Clock::fixed(at)); }
  /// Both the random bytes for keys and the insecure ones.
  void set_random(std::shared_ptr<Random> random);
  void seed_random(std::uint64_t seed) { set_random(Random::seeded(seed)); }

  // The network. An address is `tcp://HOST`, `tcp://HOST:PORT` or `tcp://HOST:*`, or the same with
  // `udp`; HOST is a name, an IPv4 address or `[IPv6]`, or `*` for every one. Without a port every
  // port is meant. Loopback is named like any host. Addresses that are link-local or tell a
  // machine of its cloud are granted by `grant_special_ranges` alone.
  [[nodiscard]] Result<void> grant_outbound(std::string_view address);
  [[nodiscard]] Result<void> grant_inbound(std::string_view address);
  /// A name to look up, or `*.SUFFIX`, or `*`.
  [[nodiscard]] Result<void> grant_resolve(std::string_view name);
  /// All three, of every host and port.
  void inherit_network();
  void grant_special_ranges();

  // wasi:config and wasi:keyvalue.
  /// A value of wasi:config/store; one of that name is replaced.
  void set_config(std::string key, std::string value);
  /// Where the buckets of wasi:keyvalue are kept. Without it they are in memory.
  void set_keyvalue_file(std::string path);

  // Limits.
  /// Descriptors, streams, sockets, pollables and the like at a time; 10,000 unless set.
  void set_max_resources(std::uint64_t most);
  /// Bytes of one call for random bytes; 64 MiB unless set. More is a trap.
  void set_max_random_size(std::uint64_t most);
  [[nodiscard]] std::uint64_t open_resources() const;

  /// What the guests wanted so far and were not granted, the first of each kind.
  [[nodiscard]] std::vector<Refusal> refusals() const;

  /// For the implementations of WASI (tenon/wasi/core/state.h).
  [[nodiscard]] ContextState& state() { return *state_; }

 private:
  std::unique_ptr<ContextState> state_;
};

/// Defines the interfaces of WASI 0.2.12 for components, of which any 0.2 finds them, and
/// wasi:config and wasi:keyvalue. What they give a guest is what its store's `Context` grants; a
/// store must have one before a component that imports WASI is instantiated into it, so that one
/// `InstancePre` serves many contexts.
[[nodiscard]] Result<void> add_to_linker(runtime::Linker& linker);
/// The packages that it defines, with their versions: `wasi:io@0.2.12`.
[[nodiscard]] std::span<const std::string_view> component_packages();
/// Waits until what the guests of the store wrote to standard output and error is written. A store
/// that closes does the same; the trap is that of a deadline or an interruption.
[[nodiscard]] engine::Outcome<void> finish(runtime::Store& store);

}  // namespace tenon::wasi
