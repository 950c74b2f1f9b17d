// SPDX-License-Identifier: Apache-2.0

// One implementation serves every 0.2: the linker gives a component the highest compatible version
// that is defined, and 0.2.12 has all that earlier ones have.
#include "tenon/wasi/p2/host.h"

namespace tenon::wasi {

Result<void> add_to_linker(runtime::Linker& linker) {
  for (const auto add :
       {p2::add_io, p2::add_clocks, p2::add_random, p2::add_cli, p2::add_filesystem,
        p2::add_network, p2::add_lookup, p2::add_tcp, p2::add_udp, p2::add_keyvalue})
    TENON_TRY(add(linker));
  return {};
}

std::span<const std::string_view> component_packages() {
  static constexpr std::string_view packages[] = {
      "wasi:io@0.2.12",         "wasi:clocks@0.2.12",       "wasi:random@0.2.12",
      "wasi:cli@0.2.12",        "wasi:filesystem@0.2.12",   "wasi:sockets@0.2.12",
      "wasi:config@0.2.0-rc.1", "wasi:keyvalue@0.2.0-draft"};
  return packages;
}

engine::Outcome<void> finish(runtime::Store& store) {
  auto* host = store.extension<p2::Host>();
  if (host == nullptr) return {};
  try {
    host->finish();
  } catch (Trap& trap) {
    return std::unexpected(std::move(trap));
  }
  return {};
}

}  // namespace tenon::wasi
