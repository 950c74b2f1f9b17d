// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/component/component.h"
#include "tenon/component/info.h"
#include "tenon/core/features.h"
#include "tenon/core/module.h"

namespace tenon::component {

/// Checks a component, the components and the core modules inside it, and resolves its types
/// (`Component::info`). Spec: Explainer.md, Binary.md, CanonicalABI.md "Canonical Definitions".
/// Linear in the size of the component and of its types, which are bounded (limits.h). With
/// `warnings` names of imports that the specification had once (`url=<…>` and its kin) are accepted
/// and told there; without, they are no names.
[[nodiscard]] Result<core::Validated<Component>> validate(
    Component component, const core::Features& features = core::Features::component(),
    std::vector<Error>* warnings = nullptr);

}  // namespace tenon::component

/// Makes the proof that a component is valid.
template <>
class tenon::core::ValidatorKey<tenon::component::Component> {
 private:
  friend Result<Validated<component::Component>> component::validate(component::Component,
                                                                     const tenon::core::Features&,
                                                                     std::vector<Error>*);
  static Validated<component::Component> prove(component::Component component) {
    return Validated<component::Component>(std::move(component));
  }
};
