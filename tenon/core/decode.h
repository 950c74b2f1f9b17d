// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/base/bytes.h"
#include "tenon/core/features.h"
#include "tenon/core/module.h"

namespace tenon::core {

/// Whether the bytes begin as a core module, respectively as a component, of whatever version.
[[nodiscard]] bool is_core_module(ByteSpan bytes);
[[nodiscard]] bool is_component(ByteSpan bytes);

/// Reads the binary form of a module, up to but not into its function bodies: their bytes are
/// known, and `validate` reads them. Spec: core/binary/modules. `bytes` move into the module. Spans
/// carry `source` and count from `base`, the place of the module's first byte in that source. O(n);
/// memory is bounded by a multiple of the input's size.
[[nodiscard]] Result<Module> decode(Blob bytes, const Features& features = Features::standard(),
                                    std::uint32_t source = 0, std::uint32_t base = 0);

}  // namespace tenon::core
