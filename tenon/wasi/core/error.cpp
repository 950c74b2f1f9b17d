// SPDX-License-Identifier: Apache-2.0
// One table for three spellings of an error: the WIT case, the host's errno and preview 1's number.
// Host errors without a row, or that share a meaning, are mapped explicitly.
#include "tenon/wasi/core/error.h"

#include <array>
#include <cerrno>
#include <utility>

namespace tenon::wasi {
namespace {

struct Row {
  std::string_view wit;
  int host;
  std::uint16_t preview1;
};
constexpr Row rows[] = {
#define TENON_WASI_ERROR(name, wit, host, preview1) {wit, host, preview1},
#include "tenon/wasi/core/error_codes.def"
#undef TENON_WASI_ERROR
    {"insufficient-memory", EMFILE, 33},
    {"insufficient-memory", ENFILE, 41},
};
static_assert(std::size(rows) == 39);

}  // namespace

ErrorCode in_filesystem(ErrorCode code) {
  return code > ErrorCode::cross_device ? ErrorCode::insufficient_memory : code;
}

std::string_view to_string(ErrorCode code) {
  return rows[std::to_underlying(code)].wit;
}

std::uint16_t preview1_errno(ErrorCode code) {
  return rows[std::to_underlying(code)].preview1;
}

ErrorCode from_errno(int host) {
  // Those that no row has, or that share a meaning.
  switch (host) {
    case ESTALE:
      return ErrorCode::bad_descriptor;
    case ECONNRESET:
      return ErrorCode::pipe;
    case E2BIG:
    case ERANGE:
      return ErrorCode::invalid;
    case ENOSYS:
      return ErrorCode::unsupported;
    default:
      break;
  }
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    if (rows[i].host == host) return static_cast<ErrorCode>(i);
  }
  return ErrorCode::io;
}

std::unexpected<ErrorCode> last_error() {
  return std::unexpected(from_errno(errno));
}

}  // namespace tenon::wasi
