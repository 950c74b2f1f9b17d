// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace tenon::wasi {

/// How an operation of WASI fails, whatever the ABI: the `error-code` of wasi:filesystem/types, in
/// its order, one row of error_codes.def each; then what preview 1 alone has numbers for.
enum class ErrorCode : std::uint8_t {
#define TENON_WASI_ERROR(name, wit, host, preview1) name,
#include "tenon/wasi/core/error_codes.def"
#undef TENON_WASI_ERROR
  /// The host's limit of open files is reached, that of the process or that of the system.
  process_files,
  system_files,
};

/// The name in WIT: `not-permitted`.
[[nodiscard]] std::string_view to_string(ErrorCode code);
/// The code of an `errno` of the host; what WASI has no name for is `io`.
[[nodiscard]] ErrorCode from_errno(int host);
/// The case of `error-code` that comes next to it.
[[nodiscard]] ErrorCode in_filesystem(ErrorCode code);
/// The number that preview 1 gives it.
[[nodiscard]] std::uint16_t preview1_errno(ErrorCode code);

/// A value, or the code that the guest is told.
template <class T>
using IoResult = std::expected<T, ErrorCode>;

/// Of `errno` as it is now.
[[nodiscard]] std::unexpected<ErrorCode> last_error();
[[nodiscard]] inline std::unexpected<ErrorCode> fail(ErrorCode code) {
  return std::unexpected(code);
}

}  // namespace tenon::wasi
