// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"

namespace tenon::builder {

/// A core module that satisfies the imports of one module name, such as `wasi_snapshot_preview1`.
struct Adapter {
  std::string name;
  std::vector<std::uint8_t> module;
  /// For places in messages: of a module that was read from a file.
  std::uint32_t source = Span::no_source;
};

struct ComponentizeOptions {
  /// Of the module, for places in messages.
  std::uint32_t source = Span::no_source;
  std::vector<Adapter> adapters;
  /// Satisfy preview1 imports that have no adapter by stubs: `fd_write` writes nowhere, the others
  /// trap.
  bool stub_wasi = false;
  /// Imports of the component by another name: old, new.
  std::vector<std::pair<std::string, std::string>> import_names;
  /// Of an interface that is imported in several compatible versions, import the newest alone.
  bool merge_imports = true;
  /// Off: the component is given back even when it is not valid, for looking at it.
  bool validate = true;
  /// Name and version of what made the component, for its producers section ("processed-by").
  std::vector<std::pair<std::string, std::string>> producers;
  /// Takes what is no error and may be none of what was meant; may be null.
  std::vector<std::string>* notes = nullptr;
};

/// A component from a core module that bears the type of its world (`embed`): imports are lowered,
/// exports lifted, memory and realloc found by their names. The result is validated. Errors speak
/// in terms of the WIT. Spec: CanonicalABI.md "Canonical Definitions"; names of core imports and
/// exports as the tools mangle them.
[[nodiscard]] Result<std::vector<std::uint8_t>> componentize(ByteSpan module,
                                                             const ComponentizeOptions& options);

}  // namespace tenon::builder
