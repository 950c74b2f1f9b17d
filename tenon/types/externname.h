// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/core/features.h"

namespace tenon::types {

enum class NameKind : std::uint8_t { label, constructor, method, static_, interface };

/// Whether a function reads or writes a property: `[get]` and `[set]`.
enum class Accessor : std::uint8_t { none, get, set };

/// The parts of an `externname`, as views into it.
struct ParsedName {
  NameKind kind = NameKind::label;
  Accessor accessor = Accessor::none;
  /// The label; of a name annotated `[constructor]`, `[method]` or `[static]` the resource's.
  std::string_view label;
  /// `b` of `[method]a.b` and `[static][get]a.b`.
  std::string_view member;
  // interface
  std::string_view ns;
  std::string_view package;
  /// The last projection: `iface` of `ns:pkg/iface@1.0.0`.
  std::string_view interface;
  std::string_view version;
};

/// Spec: Explainer.md "Import and Export Definitions" (externname).
[[nodiscard]] Result<ParsedName> parse_extern_name(std::string_view name,
                                                   const core::Features& features,
                                                   Span span = Span::none());
/// Spec: Explainer.md "Import and Export Definitions" (interfacename).
[[nodiscard]] Result<ParsedName> parse_interface_name(std::string_view name,
                                                      const core::Features& features,
                                                      Span span = Span::none());
/// Whether a name of an import has a form that the specification had until 2026: `url=<…>`,
/// `integrity=<…>`, `locked-dep=<…>` or `unlocked-dep=<…>`, all but the last with an integrity
/// after it if need be.
[[nodiscard]] bool is_retired_name(std::string_view name);
/// Spec: Explainer.md "Import and Export Definitions" (label).
[[nodiscard]] bool is_label(std::string_view text);
/// Lower-case words: what a namespace or package name is. Spec: the same (words).
[[nodiscard]] bool is_words(std::string_view text);

/// Two names are strongly unique exactly when these differ: hyphens and case do not count, nor do
/// the annotations besides `[constructor]` and `[set]`. Spec: Explainer.md "Name Uniqueness".
[[nodiscard]] std::string unique_key(std::string_view name);
/// Whether a name is its own key.
[[nodiscard]] bool is_unique_key(std::string_view name);
/// Whether two labels have one key. Makes none.
[[nodiscard]] bool same_key(std::string_view a, std::string_view b);

}  // namespace tenon::types
