// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/engine/store.h"
#include "tenon/preinit/preinit.h"
#include "tenon/preinit/state.h"

namespace tenon::preinit {

/// The names that are tried when none is given.
inline constexpr std::string_view default_funcs[] = {"wizer-initialize", "wizer.initialize"};

[[nodiscard]] Result<Output> preinit_module(ByteSpan input, const Options& options);
[[nodiscard]] Result<Output> preinit_component(ByteSpan input, const Options& options);

/// Starts once, as a host would: reads, instantiates, runs the initialisation (where it is wanted),
/// calls `first` (unless it is empty).
[[nodiscard]] Result<void> start_module(ByteSpan input, const Options& options, bool initialise,
                                        const std::string& first, Times& times);
[[nodiscard]] Result<void> start_component(ByteSpan input, const Options& options, bool initialise,
                                           const std::string& first, Times& times);

/// Notes in the report what a plan makes.
void count(Report& report, const InstancePlan& plan);
/// The words of a list: "`a`, `b` and `c`"; of a long one the beginning.
[[nodiscard]] std::string listed(std::span<const std::string> names);
/// That a function was not found; `names` are those that there are.
[[nodiscard]] Error not_found(const std::string& name, std::span<const std::string> names,
                              const Wording& wording);
/// That a core function was called with arguments.
[[nodiscard]] Error takes_nothing(const std::string& call, const std::string& name);
/// Whether the function that is asked for has run when the input was made.
[[nodiscard]] bool has_run(std::span<const std::string> marker, std::string_view name);
/// What is known of an initialisation that failed, beside its error.
struct Failing {
  /// What the guest stopped with, or null.
  const engine::Trap* trap = nullptr;
  /// The limit of memory stood in the way of what is no trap.
  bool memory_refused = false;
  bool of_module = false;
  /// The input is what another initialisation has made.
  bool is_second = false;
};
/// An error of the initialisation, with what to do about it where that is known.
[[nodiscard]] Error helped(Error error, const Failing& failing, const Options& options);
/// Whether the limit of memory stood in the way of what has run, once or more: a guest may have
/// done without, but its state is not the one that was wanted.
[[nodiscard]] Result<void> check_growth(engine::Store& store, const Options& options,
                                        const std::string& what);
/// The note that a program has found no folders, and may find none later. A command's C library is
/// started again, and some look again then.
[[nodiscard]] std::string no_folders(bool is_command, const Wording& wording);
/// The end of both: the marker names what ran (`marks`), sizes are noted, and the result is
/// checked: an error there is a fault of tenon's, and nothing is written.
[[nodiscard]] Result<Output> finish(ByteSpan input, std::optional<std::vector<std::uint8_t>> bytes,
                                    const Options& options, Report report,
                                    std::span<const std::string> marks);

}  // namespace tenon::preinit
