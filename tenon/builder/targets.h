// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// How the interfaces of a component and of a world find each other.
enum class Versions : std::uint8_t {
  /// By their whole names, also where a component has canonical ones with a `version-suffix`.
  exact,
  /// In the lack of that by their canonical names; of several, the newest. Spec: Explainer.md
  /// "Canonical Interface Name".
  compatible,
};

/// Whether a component fits a world: it imports no more than the world does and exports no less,
/// with types that match. The error names the item. Spec: Explainer.md "Type Checking".
[[nodiscard]] Result<void> targets(ByteSpan component, const wit::Packages& packages,
                                   wit::WorldIdx world, std::uint32_t source = Span::no_source,
                                   Versions versions = Versions::exact);

}  // namespace tenon::builder
