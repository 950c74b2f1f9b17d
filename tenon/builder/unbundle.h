// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"

namespace tenon::builder {

/// A component whose core modules are beside it.
struct Unbundled {
  struct Module {
    /// `unbundled-module0` …: the import that is in the module's place.
    std::string name;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<std::uint8_t> component;
  std::vector<Module> modules;
};

/// Takes the core modules of at least `threshold` bytes out of a component and of those inside it:
/// each becomes an import of a core module of the same type, numbered in the order of the binary.
[[nodiscard]] Result<Unbundled> unbundle(ByteSpan component, std::size_t threshold = 0,
                                         std::uint32_t source = Span::no_source);

}  // namespace tenon::builder
