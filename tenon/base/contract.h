// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace tenon {

/// For a host that broke the contract of a call or a destructor which cannot report it, where
/// nothing sound can follow: ends the process. What is thrown cannot leave, so the host's handler
/// of `std::terminate` (or the standard library's, which prints `why`) has the last word.
[[noreturn]] inline void contract_broken(const std::string& why) noexcept {
  // NOLINTNEXTLINE(bugprone-exception-escape): it ends the process
  throw std::logic_error("tenon: " + why);
}

}  // namespace tenon
