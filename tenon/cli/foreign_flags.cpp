// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/foreign_flags.h"

#include <fmt/format.h>

namespace tenon::cli {
namespace {

struct Foreign {
  char group;
  std::string_view name;
  /// What to do instead.
  std::string_view instead;
};
constexpr Foreign table[] = {
    {'S', "cli", "nothing: `tenon run` gives every guest WASI"},
    {'S', "common", "nothing: `tenon run` gives every guest WASI"},
    {'S', "p2", "nothing: `tenon run` gives every guest WASI"},
    {'S', "preview2", "nothing: `tenon run` gives every guest WASI"},
    {'S', "inherit-network", "`--inherit-network`"},
    {'S', "allow-ip-name-lookup", "`--allow-resolve NAME`"},
    {'S', "network-error-code", "nothing: it is on"},
    {'S', "tcp", "`--allow-outbound tcp://HOST:PORT` or `--allow-inbound tcp://HOST:PORT`"},
    {'S', "udp", "`--allow-outbound udp://HOST:PORT` or `--allow-inbound udp://HOST:PORT`"},
    {'S', "tcplisten", "`--allow-inbound tcp://HOST:PORT`"},
    {'S', "inherit-env", "`--inherit-env`"},
    {'S', "config", "`--config K=V`"},
    {'S', "config-var", "`--config K=V`"},
    {'S', "keyvalue", "`--keyvalue FILE`"},
    {'S', "keyvalue-in-memory-data", "`--keyvalue FILE`"},
    {'S', "max-resources", "`--max-resources N`"},
    {'S', "max-random-size", "`--max-random-size SIZE`"},
    {'W', "fuel", "`--fuel N`"},
    {'W', "timeout", "`--timeout TIME`"},
    {'W', "max-memory-size", "`--max-memory SIZE`"},
    {'W', "component-model", "nothing: components run as they are"},
    {'W', "all-proposals", "`--features`"},
};

}  // namespace

std::string instead_of_foreign_flag(char letter, std::string_view value) {
  if (letter != 'S' && letter != 'W') return {};
  const std::string_view name = value.substr(0, value.find_first_of("=,"));
  for (const Foreign& row : table) {
    if (row.group == letter && row.name == name)
      return fmt::format("instead of `-{} {}`: {}", letter, name, row.instead);
  }
  return fmt::format("`-{}` is an option of wasmtime's; `tenon run --help` lists what tenon has",
                     letter);
}

}  // namespace tenon::cli
