// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/builder/assembly.h"
#include "tenon/builder/type_scope.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// An instance of an exported interface from its lifted functions (in the order of the WIT). Types
/// get their names in a nested component that imports functions and types and exports both: only so
/// are they named as an export must be. `types` are those of the surrounding component. Spec:
/// Explainer.md "Import and Export Definitions".
component::InstanceIdx export_interface(const wit::Packages& packages, wit::InterfaceIdx interface,
                                        const std::vector<component::FuncIdx>& funcs,
                                        TypeScope& types, Assembly& out);

}  // namespace tenon::builder
