// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"
#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/wit/file_source.h"
#include "tenon/wit/package.h"
#include "tenon/wit/resolve.h"

namespace tenon::wit {

struct LoadOptions {
  /// `ns:pkg` or `ns:pkg@version` → a file or folder: packages that are not in `deps/`. An empty
  /// name takes whatever package the file declares.
  std::vector<std::pair<std::string, std::string>> deps;
  /// Further files of the main package, wherever they lie.
  std::vector<std::string> more_files;
  /// Nothing but what is named is read: no `deps/`, no file beside another one.
  bool named_only = false;
  ResolveOptions resolve;
  /// Where files are read; the disk when there is none. It must outlive the call.
  const FileSource* files = nullptr;
  /// Turns the content of a binary (`.wasm`) or text (`.wat`) package or component into WIT text.
  /// Without it such inputs are refused. The program hands it in, so that this room needs no text
  /// room.
  std::function<Result<std::string>(ByteSpan content, std::uint32_t source)> read_binary;
};

struct Loaded {
  Packages packages;
  /// Every file that was read, for incremental builds.
  std::vector<std::string> files;
};

/// Reads WIT from a file, a folder, or a folder with `deps/` (files, folders, binary packages),
/// completes it with the packages that are inside the program (`wasi:*`), and resolves it. Files
/// are read, never mapped. Errors go to the sink. Spec: WIT.md "Filesystem structure".
[[nodiscard]] std::optional<Loaded> load(const std::string& path, const LoadOptions& options,
                                         SourceSet& sources, Diagnostics& diagnostics);

/// The same for one text that is in memory already; `name` is in messages.
[[nodiscard]] std::optional<Packages> load_text(std::string name, std::string text,
                                                const LoadOptions& options, SourceSet& sources,
                                                Diagnostics& diagnostics);

/// The `.wit` files of a package: those of a folder (or of the `wit/` in it), or the file itself.
/// Without `deps/`.
[[nodiscard]] std::vector<std::string> package_files(const std::string& path,
                                                     const FileSource& files = {});

}  // namespace tenon::wit
