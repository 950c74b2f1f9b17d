// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/project.h"
#include "tenon/builder/scaffold.h"
#include "tenon/builder/toolchain.h"
#include "tenon/wit/package.h"

namespace tenon::builder {

/// The compilers of guests that were looked for and found.
struct Compilers {
  std::optional<Clang> clang;
  std::optional<Rust> rust;
};

/// What a compilation takes.
struct Compilation {
  const Project& project;
  const Profile& profile;
  const Places& places;
  const Compilers& compilers;
  /// Generated files to compile beside the project's sources.
  const std::vector<std::string>& generated_sources;
  FileHashes& hashes;
  CargoFlags cargo;
  unsigned jobs = 1;
  const Speech& speech;
};

/// A language of guests: all that the builder does differently for it. Another language is another
/// row in languages.def, a file beside language_cpp.cpp and a generator in bindgen.
struct GuestLanguage {
  Lang lang;
  /// As `lang` in tenon.toml and `--lang` have it, and a second spelling (empty: none).
  std::string_view name;
  std::string_view alias;
  /// What others call it, in lower case: a slip, for which an error has the name.
  std::span<const std::string_view> other_names;
  /// Files that make a folder a project of this language.
  std::span<const std::string_view> extensions;
  /// Files that are compiled beside those.
  std::span<const std::string_view> more_extensions;
  /// The one source that names the others; empty where each source is compiled by itself.
  std::string_view root;
  /// The same of a command, a program with a `main`.
  std::string_view command_root;
  /// The first source of a new command: its path, and a text that prints and reads a file.
  std::string_view command_source;
  std::string_view command_text;
  bindgen::Generator generator;
  /// How the generated header ends; empty where the bindings are a crate.
  std::string_view header_ending;
  /// Whether the bindings are a crate of their own. Otherwise they are a header and sources, which
  /// are compiled with the guest's.
  bool crate = false;
  /// Whether a macro of the header exports the guest's class.
  bool export_macro = false;
  /// Whether guests want C++'s own library beside that of C.
  bool wants_libcxx = false;
  /// The .gitignore of a new project.
  std::string_view ignored;
  /// The first source of a new project: its name, and a text that greets.
  std::string (*source_name)(const bindgen::GuestNames&);
  std::string (*source_text)(const bindgen::GuestNames&);
  /// Files beside the sources that the language's own tools want; null: none.
  Result<std::vector<NewFile>> (*project_files)(const std::string& name,
                                                const wit::Packages& packages, wit::WorldIdx world);
  /// Looks for the compiler; name and version of what was found.
  std::optional<std::pair<std::string, std::string>> (*find)(Compilers&);
  Result<Compiled> (*compile)(const Compilation&);
  /// What there is to compile with and what is missing, for `tenon doctor`. Languages that share a
  /// compiler give the same findings about it, and look for it once.
  std::vector<Finding> (*examine)(Compilers&);
};

#define TENON_LANGUAGE(name) extern const GuestLanguage name##_language;
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE

/// Every language, in the order of `Lang`; where a folder has sources of several, the first counts.
[[nodiscard]] std::span<const GuestLanguage* const> languages();
[[nodiscard]] const GuestLanguage& language(Lang lang);

/// `examine` of the languages.
[[nodiscard]] std::vector<Finding> examine_c(Compilers& compilers);
[[nodiscard]] std::vector<Finding> examine_cpp(Compilers& compilers);
[[nodiscard]] std::vector<Finding> examine_rust(Compilers& compilers);
/// `find` and `compile` of the languages that clang compiles.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> find_clang_compiler(
    Compilers& compilers);
[[nodiscard]] Result<Compiled> compile_by_clang(const Compilation& how);

}  // namespace tenon::builder
