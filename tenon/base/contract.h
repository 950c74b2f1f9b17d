// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace tenon {

[[noreturn]] inline void throw_contract_broken(const std::string& why) {
  throw std::logic_error("tenon: " + why);
}

/// For a host that broke the contract of a call or a destructor which cannot report it, where
/// nothing sound can follow: ends the process. What is thrown cannot leave, so the host's handler
/// of `std::terminate` (or the standard library's, which prints `why`) has the last word.
// NOLINTNEXTLINE(bugprone-exception-escape): ends the process, as said
[[noreturn]] inline void contract_broken(const std::string& why) noexcept {
  throw_contract_broken(why);
}

}  // namespace tenon
