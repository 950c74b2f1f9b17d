// SPDX-License-Identifier: Apache-2.0
#include "tenon/runtime/version.h"

#include <fmt/format.h>

#include "tenon/types/semver.h"

namespace tenon::runtime {

bool fits_version(std::string_view wanted, std::string_view name) {
  if (wanted == name) return true;
  const auto w = types::split_version(wanted);
  return w.version.empty() ? w.base == types::split_version(name).base
                           : types::compatible_names(wanted, name);
}

std::string version_mismatch(std::string_view import, std::string_view definition) {
  const auto a = types::split_version(import);
  const auto b = types::split_version(definition);
  if (a.base != b.base || import == definition) return {};
  auto out =
      fmt::format("imports {}; the host has {}", import,
                  b.version.empty() ? std::string("none with a version") : std::string(b.version));
  const auto va = types::parse_semver(a.version);
  const auto vb = types::parse_semver(b.version);
  if (!va || !vb) return out;
  if (!va->pre.empty() || !vb->pre.empty())
    return out + ": a pre-release is compatible with nothing else";
  if (va->major != vb->major) return out + ": the major versions differ";
  return out + ": below 1.0 the minor versions must be the same";
}

}  // namespace tenon::runtime
