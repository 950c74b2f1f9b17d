// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// How far back hosts go that tenon's own adapter shall suit.
enum class AdapterCompat : std::uint8_t {
  /// Exit codes, by `exit-with-code` of 0.2.12.
  exit_codes,
  /// All of it is in 0.2.0: a program ends well or badly.
  v0_2_0,
};

/// `0.2.0` or `0.2.12`; nothing for another text.
[[nodiscard]] std::optional<AdapterCompat> parse_adapter_compat(std::string_view text);

struct ComponentizeOptions {
  /// Of the module, for places in messages.
  std::uint32_t source = Span::no_source;
  /// What is here goes before tenon's own adapter, which serves preview1.
  std::vector<Adapter> adapters;
  AdapterCompat compat = AdapterCompat::exit_codes;
  /// Satisfy preview1 imports, when no adapter is given for them, by stubs: `fd_write` writes
  /// nowhere, the others trap.
  bool stub_wasi = false;
  /// Imports of the component by another name: old, new.
  std::vector<std::pair<std::string, std::string>> import_names;
  /// Of an interface that is imported in several compatible versions, import the newest alone.
  bool merge_imports = true;
  /// Name interfaces canonically, with the rest of the version in `version-suffix`: such a
  /// component needs the feature `cm-canon-names`.
  bool canonical_names = false;
  /// Off: the component is given back even when it is not valid, for looking at it.
  bool validate = true;
  /// Name and version of what made the component, for its producers section ("processed-by").
  std::vector<std::pair<std::string, std::string>> producers;
  /// Takes what is not an error and may be none of what was meant; may be null.
  std::vector<std::string>* notes = nullptr;
};

/// A component from a core module that has the type of its world (`embed`), or needs none but
/// that of an adapter, as a command of WASI preview1 does: imports are lowered, exports lifted,
/// memory and realloc found by their names. The result is validated. Errors speak in terms of the
/// WIT. Spec: CanonicalABI.md "Canonical Definitions"; names of core imports and exports as the
/// tools mangle them.
[[nodiscard]] Result<std::vector<std::uint8_t>> componentize(ByteSpan module,
                                                             const ComponentizeOptions& options);

}  // namespace tenon::builder
