// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tenon::runtime {

/// Whether `wanted`, which may leave the version out, can mean `name`.
[[nodiscard]] bool fits_version(std::string_view wanted, std::string_view name);
/// "imports wasi:io/streams@0.2.0-rc-1; the host has 0.2.12: a pre-release is compatible with
/// nothing else", or nothing when the names differ in more than the version.
[[nodiscard]] std::string version_mismatch(std::string_view import, std::string_view definition);

}  // namespace tenon::runtime
