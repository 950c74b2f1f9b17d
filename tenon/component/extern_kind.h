// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/component/component.h"

namespace tenon::component {

/// What an item of a sort is as an import or export of a component; nothing for core items other
/// than modules. Spec: Binary.md "Import and Export Definitions" (externtype).
[[nodiscard]] constexpr std::optional<ExternKind> extern_kind(Sort sort) {
  switch (sort.kind) {
    case SortKind::core:
      if (sort.core_sort == CoreSort::module) return ExternKind::core_module;
      return std::nullopt;
    case SortKind::func:
      return ExternKind::func;
    case SortKind::value:
      return ExternKind::value;
    case SortKind::type:
      return ExternKind::type;
    case SortKind::component:
      return ExternKind::component;
    case SortKind::instance:
      return ExternKind::instance;
  }
  return std::nullopt;
}

/// The word of the specification for a kind: `func`, `module`. Spec: Binary.md "Import and Export
/// Definitions".
[[nodiscard]] constexpr std::string_view kind_word(ExternKind kind) {
  switch (kind) {
    case ExternKind::core_module:
      return "module";
    case ExternKind::func:
      return "func";
    case ExternKind::value:
      return "value";
    case ExternKind::type:
      return "type";
    case ExternKind::component:
      return "component";
    case ExternKind::instance:
      return "instance";
  }
  return {};
}

}  // namespace tenon::component
