// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/builder/cache.h"
#include "tenon/builder/process.h"
#include "tenon/builder/project.h"
#include "tenon/builder/toolchain.h"

namespace tenon::builder {

/// Where a build keeps what is not its result. Every folder is there.
struct Places {
  /// The project's folder.
  std::string project;
  /// What builds of this project keep, in the user's cache; or a folder of this build alone.
  std::string internal;
  /// Generated bindings and the guest's support files.
  std::string generated;
  /// Objects by content, shared by all projects and profiles.
  std::string objects;
  /// Precompiled headers, likewise.
  std::string headers;
  /// Scratch files of this build.
  std::string scratch;
};

/// What a compiler left.
struct Compiled {
  /// Path of the linked core module (it does not end in .wasm).
  std::string core_module;
  std::size_t compiled = 0;
  std::size_t reused = 0;
  std::string output;
  /// Files that were read beyond the sources.
  std::vector<std::string> read_files;
};

/// How cargo is to resolve dependencies.
struct CargoFlags {
  bool offline = false;
  /// Cargo.lock must already say everything.
  bool locked = false;
};

/// How a build speaks while it runs. Each function is there.
struct Speech {
  /// A step begins: "compiling src/x.cpp".
  std::function<void(std::string_view)> status;
  /// A program is about to be run.
  std::function<void(const Command&)> command;
  /// Compilers are asked for colours.
  bool color = false;
};

/// Says what is run, and runs it to its end.
[[nodiscard]] inline Result<Outcome> run(const Command& command, const Speech& speech) {
  speech.command(command);
  return run(command);
}

/// Compiles C and C++ sources and the generated ones beside them, and links a reactor. `clang` is
/// what was found; nothing, or one that lacks something, is an error.
[[nodiscard]] Result<Compiled> compile_clang(const Project& project, const Profile& profile,
                                             const Places& places,
                                             const std::optional<Clang>& clang,
                                             const std::vector<std::string>& generated_sources,
                                             FileHashes& hashes, unsigned jobs,
                                             const Speech& speech);

/// Compiles the bindings crate and the user's crate by rustc alone, or by cargo when the crate has
/// dependencies of its own.
[[nodiscard]] Result<Compiled> compile_rust(const Project& project, const Profile& profile,
                                            const Places& places, const std::optional<Rust>& rust,
                                            FileHashes& hashes, const CargoFlags& cargo,
                                            const Speech& speech);

/// What a guest's author has to write by name, for help with a compiler's errors.
struct GuestNames {
  /// The generated header, `calculator_component.hpp`; empty in Rust.
  std::string header;
  /// `TENON_EXPORT_calculator_component`; C++ alone.
  std::string macro;
  /// `calculator_component_string_dup`; C alone.
  std::string string_dup;
  /// `calculator_component_bindings`; Rust alone.
  std::string crate;
  /// The text of the generated header, in Rust of the generated crate.
  std::string bindings;
  /// The text of the project's own sources.
  std::string sources;
};
/// Reads the generated header and the sources.
[[nodiscard]] GuestNames guest_names(const Project& project, const Places& places);

/// `compile_commands.json` for what `compile_clang` compiles, as editors read it.
[[nodiscard]] std::string compile_commands(const Project& project, const Profile& profile,
                                           const Places& places, const Clang& clang,
                                           const std::vector<std::string>& generated_sources);
/// Whether a text is what `compile_commands` made, of any project.
[[nodiscard]] bool is_compile_commands(std::string_view text);

/// The error for a compiler that failed: its words unchanged, what tenon knows added below.
/// `export_line` is what a missing `export!` would read; empty when it does not apply.
[[nodiscard]] Error compiler_error(std::string_view what, std::string_view output,
                                   std::string_view export_line, const GuestNames& names = {});

/// The name that the bindings crate of a project has: `calculator_component_bindings`.
[[nodiscard]] std::string bindings_crate(const Project& project);

}  // namespace tenon::builder
