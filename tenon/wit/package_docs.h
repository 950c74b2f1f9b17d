// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/component/component.h"
#include "tenon/wit/package.h"

namespace tenon::wit {

/// The custom section of a WIT package in binary that holds docs and gates: a version byte, then
/// JSON as other tools write it.
inline constexpr std::string_view package_docs_section = "package-docs";

[[nodiscard]] std::vector<std::uint8_t> encode_package_docs(const Packages& packages,
                                                            PackageIdx package);
/// Puts the docs and gates of a section back to their items. What the section names and the package
/// does not have is passed over; text that is no such JSON, or a gate that the grammar has no place
/// for, is an error.
[[nodiscard]] Result<void> apply_package_docs(Packages& packages, PackageIdx package,
                                              ByteSpan content);

}  // namespace tenon::wit
