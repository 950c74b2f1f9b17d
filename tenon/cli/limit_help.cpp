// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/limit_help.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tenon/engine/rules.h"

namespace tenon::cli {
namespace {

bool is_of_memory(const engine::Trap* trap, bool refused) {
  if (trap == nullptr) return refused;
  return trap->code() == engine::TrapCode::out_of_memory || trap->limit() == "memory_bytes";
}

/// The guest stopped itself and did not say why or where.
bool is_silent(const engine::Trap& trap) {
  return trap.code() == engine::TrapCode::unreachable &&
         trap.message() == engine::trap_message(trap.code()) &&
         std::ranges::none_of(trap.backtrace(), [](const engine::Frame& frame) {
           return frame.is_remark || !frame.place.empty();
         });
}

std::string help_of(const engine::Trap* trap, const Args& args, bool memory_refused) {
  using engine::TrapCode;
  if (const auto most = args.value("max-memory"); most && is_of_memory(trap, memory_refused)) {
    return trap == nullptr
               ? fmt::format("`--max-memory {}` is less than it begins with: give more", *most)
               : fmt::format("it reached `--max-memory {}`: give more", *most);
  }
  if (trap == nullptr) return {};
  if (const auto time = args.value("timeout"); time && trap->code() == TrapCode::interrupted)
    return fmt::format("it ran longer than `--timeout {}`", *time);
  if (const auto fuel = args.value("fuel"); fuel && trap->code() == TrapCode::out_of_fuel)
    return fmt::format("it used up `--fuel {}`", *fuel);
  if (is_silent(*trap) && args.input(0).contains("/release/"))
    return "a release build knows no lines, and may leave out what a panic or an assertion says: "
           "`tenon build` makes "
           "build/debug/NAME.wasm, whose trap has both";
  // The memory of a guest that was given no `--max-memory` has a limit of its own.
  if (trap->limit().empty() || trap->limit() == "memory_bytes") return {};
  return fmt::format("no option raises it: a host program sets `StoreLimits::{}`", trap->limit());
}

}  // namespace

bool is_of_memory(const Error& error, const engine::Store& store) {
  return error.rule() == engine::rules::engine_limit && store.context().growth_refused;
}

Error with_limit_help(Error error, const engine::Trap* trap, const Args& args,
                      bool memory_refused) {
  std::string help = help_of(trap, args, memory_refused);
  if (help.empty() || !error.help_text().empty()) return error;
  return std::move(error).help(std::move(help));
}

}  // namespace tenon::cli
