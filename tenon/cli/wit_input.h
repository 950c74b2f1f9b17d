// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tenon/cli/command.h"
#include "tenon/cli/context.h"
#include "tenon/wit/load.h"

namespace tenon::cli {

inline constexpr Option dep_option{
    "dep", 'd', "NS:PKG=PATH", "where a package is that `deps/` does not hold", {}};

/// What `--features`, `--all-features` and `--dep` ask for, and how binary inputs are read.
[[nodiscard]] Result<wit::LoadOptions> wit_options(const Args& args);

/// Loads the WIT of a path (`-` is standard input): a file, a folder, or a binary. Reports what is
/// wrong; `exit_code` is then set.
[[nodiscard]] std::optional<wit::Loaded> load_wit(Context& context, const Args& args,
                                                  std::string_view path, int& exit_code);

/// The same for those whose exit code says no more than that something was wrong.
[[nodiscard]] std::optional<wit::Packages> load_wit(Context& context, std::string_view path,
                                                    const Args& args);

/// Says of each of `--features` that no item of what was loaded is behind it.
void note_features(const Context& context, const Args& args);

}  // namespace tenon::cli
