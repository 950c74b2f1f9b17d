// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/builder/process.h"
#include "tenon/builder/project.h"

namespace tenon::builder {

struct BuildOptions {
  std::string profile = "debug";
  /// Refuse a build that differs from tenon.lock.
  bool locked = false;
  /// Satisfy preview1 imports by stubs when there is no adapter.
  bool stub_wasi = false;
  /// What hosts tenon's own adapter shall suit; goes before what the project says.
  std::optional<AdapterCompat> adapter_compat;
  /// Believe nothing that earlier builds left, and leave nothing for later ones.
  bool no_cache = false;
  /// Cargo may not go to a registry.
  bool offline = false;
  /// 0: one per processor.
  unsigned jobs = 0;
  /// The release of tenon and a mark of the program itself: both are part of every key.
  std::string tenon_version;
  std::string program;
  /// Called when a step begins: "compiling src/x.cpp".
  std::function<void(std::string_view)> status;
  /// Called before a compiler or linker is run.
  std::function<void(const Command&)> command;
  /// Runs the initialisation of a project that has one, on its component: gives the component that
  /// begins where that ended.
  std::function<Result<std::vector<std::uint8_t>>(const Project&, std::vector<std::uint8_t>)>
      preinit;
  /// Compilers colour what they say; notes and outputs then have it as they wrote it.
  bool color = false;
};

struct BuildResult {
  /// `build/PROFILE/NAME.wasm` and the resolved WIT beside it.
  std::string component;
  std::string wit;
  /// Nothing had changed, nothing was run.
  bool unchanged = false;
  /// Source files that were compiled, respectively came from the cache.
  std::size_t compiled = 0;
  std::size_t reused = 0;
  /// Why nothing is kept for later builds although it was not asked for; empty otherwise.
  std::string cache_note;
  /// What the compilers said although they succeeded.
  std::string compiler_output;
  /// What is not an error and may be none of what was meant.
  std::vector<std::string> notes;
};

/// Sources + WIT → validated component. Compiler errors are in the error's notes unchanged, with
/// what tenon knows about them as help. A failed or killed build leaves the last result as it was.
[[nodiscard]] Result<BuildResult> build(const Project& project, const BuildOptions& options,
                                        SourceSet& sources, Diagnostics& diagnostics);

}  // namespace tenon::builder
