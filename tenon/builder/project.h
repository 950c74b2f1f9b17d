// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/base/source.h"
#include "tenon/bindgen/bindgen.h"
#include "tenon/builder/componentize.h"

namespace tenon::builder {

/// A language of guests: a row of languages.def.
enum class Lang : std::uint8_t {
#define TENON_LANGUAGE(name) name,
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
};
/// All of them as a list of choices: `cpp|c|rust`.
inline constexpr std::string_view lang_choices = std::string_view(
#define TENON_LANGUAGE(name) "|" #name
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
                                                     )
                                                     .substr(1);
/// As `lang` in tenon.toml has it.
[[nodiscard]] std::string_view to_string(Lang lang);
/// The language that is named so in tenon.toml.
[[nodiscard]] std::optional<Lang> parse_lang(std::string_view text);
/// The language that somebody means who writes it as others do: `C++`, `cc`, `Rust`, `rs`.
[[nodiscard]] std::optional<Lang> meant_lang(std::string_view text);
/// Whether each source of a project is compiled by itself; otherwise one of them names the others.
[[nodiscard]] bool compiles_each_source(Lang lang);

/// How a profile compiles. `debug` and `release` are always there; a manifest changes them or adds
/// others.
struct Profile {
  std::string name;
  /// Optimisation as clang writes it: 0, 1, 2, 3, s, z.
  std::string opt = "0";
  bool debug_info = true;
  bool strip = false;
  std::vector<std::string> cflags;
  std::vector<std::string> rustc_flags;
};

enum class Allocator : std::uint8_t { libc, small };

/// `[preinit]`: what runs when the component is built, so that it begins where that ended.
struct Preinit {
  std::vector<std::string> init;
  std::uint64_t random_seed = 0;
  /// `HOST::GUEST`, read-only, with HOST relative to the project's folder.
  std::vector<std::string> dirs;
  bool keep_init_func = false;
  bool allow_wasi = false;
  /// `NAME=VALUE`.
  std::vector<std::string> env;
  /// Files of mocks, relative to the project's folder.
  std::vector<std::string> mocks;
  /// In seconds.
  std::optional<double> timeout;
  /// Bytes of all linear memories.
  std::optional<std::uint64_t> max_memory;
  /// Of `init` in the manifest.
  Span span = Span::none();
};

/// A file or folder that a key of the manifest names, and where.
struct NamedPath {
  std::string key;
  std::string path;
  Span span;
};

/// A folder that `tenon build` makes a component of: what its manifest says, or what its shape
/// says. Paths are as written, relative to `dir`.
struct Project {
  std::string dir;
  std::string name;
  Lang lang = Lang::cpp;
  /// Nothing: the only world of the WIT.
  std::optional<std::string> world;
  std::string wit = "wit";
  /// Files to compile, sorted (patterns are expanded). For Rust: the root of the crate.
  std::vector<std::string> sources;
  std::vector<std::string> include_dirs;
  std::vector<std::string> cflags;
  std::vector<std::string> rustc_flags;
  std::string edition = "2021";
  Allocator allocator = Allocator::libc;
  /// How functions take strings and lists; irrelevant in C.
  bindgen::Ownership ownership = bindgen::Ownership::owning;
  component::StringEncoding string_encoding = component::StringEncoding::utf8;
  /// `ns:pkg` → path, for WIT packages that are not in `wit/deps`.
  std::vector<std::pair<std::string, std::string>> deps;
  /// Features of the WIT that are open: names behind `@unstable`, and `cm-accessors`.
  std::vector<std::string> wit_features;
  /// What tenon.toml names that must be there when it is built.
  std::vector<NamedPath> named_paths;
  /// Rules of `tenon wit lint` that are off.
  std::vector<std::string> lint_allow;
  /// Module name → adapter module, such as wasi_snapshot_preview1.
  std::vector<std::pair<std::string, std::string>> adapters;
  /// A program with a `main`, run by `wasi:cli/run`, instead of functions for a world: it needs no
  /// WIT, and `wit` is empty then.
  bool command = false;
  /// Imports of WASI preview1 are stubs, as by `--stub-wasi`.
  bool stub_wasi = false;
  /// What hosts tenon's own adapter shall suit; nothing: as the build says.
  std::optional<AdapterCompat> adapter_compat;
  std::optional<Preinit> preinit;
  /// Where results go, below `dir`.
  std::string output = "build";
  std::vector<Profile> profiles;
  /// Whether a manifest was there, and where; errors about settings point into it.
  std::optional<std::string> manifest;
  /// The folder has a Cargo.toml, and its crate needs more than the bindings.
  bool cargo = false;
  std::vector<std::string> cargo_dependencies;
  /// Whether a `tenon.lock` is to be written (a project with a manifest has one).
  [[nodiscard]] const Profile* find_profile(std::string_view profile) const;
};

/// The first folder from `at` upwards that has one of the names in it; an empty path is `.`.
[[nodiscard]] std::optional<std::filesystem::path> folder_upwards(
    std::filesystem::path at, std::initializer_list<std::string_view> names);

/// Reads the project in a folder: `tenon.toml`, otherwise `Cargo.toml`, otherwise the folder's
/// shape (`wit/` or one .wit file, and `src/`). Unknown keys are errors with the nearest name.
/// `verb`: of tenon, for what an error says to type.
[[nodiscard]] Result<Project> load_project(const std::string& dir, SourceSet& sources,
                                           std::string_view verb = "build");

/// The rules that `[lint] allow` of a folder's tenon.toml turns off; none without such a file.
[[nodiscard]] Result<std::vector<std::string>> allowed_lints(const std::string& dir,
                                                             SourceSet& sources);

/// The profile of that name, or the error that lists those there are.
[[nodiscard]] Result<Profile> profile_of(const Project& project, std::string_view name);

}  // namespace tenon::builder
