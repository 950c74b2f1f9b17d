// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tenon/base/error.h"
#include "tenon/wasi/context.h"

namespace tenon::wasi {

/// A directory of the host and what the guest has of it.
struct DirGrant {
  std::string host;
  std::string guest;
  Access access = Access::read_write;
};
/// `HOST`, `HOST::GUEST` or `HOST::GUEST:ro`; it splits at the last `::`. An error where a side is
/// empty, and where the guest's name ends in another suffix, such as `:rw`. Opens nothing.
[[nodiscard]] Result<DirGrant> parse_dir_grant(std::string_view text);

}  // namespace tenon::wasi
