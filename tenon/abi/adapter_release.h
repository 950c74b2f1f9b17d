// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::abi {

/// What tenon's preview1 adapter exports for `tenon preinit`, which calls it for each file
/// descriptor from 0 on: it forgets the handles that it can fetch again. An answer has a `Released`
/// in its upper half and a handle in the lower one. The other side is guest/adapter/release.cpp.
inline constexpr std::string_view adapter_release_name = "tenon:adapter-release";

enum class Released : std::uint32_t {
  /// The descriptor holds no handle (any more).
  nothing,
  /// This handle was forgotten. There may be another one.
  forgotten,
  /// The program opened it.
  of_program,
  /// No descriptor is as high. In place of a handle: whether the program has read its directories.
  end,
};

}  // namespace tenon::abi
