// SPDX-License-Identifier: Apache-2.0
// A crate without dependencies is compiled by rustc directly, others by cargo on a copy. The WASI
// target is chosen only if the sources use what needs it, since it adds imports that the world may
// not have. Errors say which rustc was used and why.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "tenon/base/file.h"
#include "tenon/builder/cargo_lock.h"
#include "tenon/builder/compile.h"
#include "tenon/builder/compiler_help.h"
#include "tenon/builder/manifest.h"
#include "tenon/builder/process.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> common_flags(const Project& project, const Profile& profile,
                                      const Places& places, const Rust& rust,
                                      const std::string& target) {
  std::vector<std::string> flags = {"--target",    target, "-C",
                                    "panic=abort", "-C",   "opt-level=" + profile.opt};
  if (profile.debug_info) flags.insert(flags.end(), {"-C", "debuginfo=2"});
  if (profile.strip) flags.insert(flags.end(), {"-C", "strip=symbols"});
  if (profile.opt != "0") flags.insert(flags.end(), {"-C", "lto=fat", "-C", "codegen-units=1"});
  if (!rust.linker.empty()) flags.insert(flags.end(), {"-C", "linker=" + rust.linker});
  // What the result says of generated files does not depend on where the cache is.
  flags.push_back("--remap-path-prefix=" + places.internal + "=.tenon");
  flags.insert(flags.end(), project.rustc_flags.begin(), project.rustc_flags.end());
  flags.insert(flags.end(), profile.rustc_flags.begin(), profile.rustc_flags.end());
  return flags;
}

/// rustc takes what is last; bitcode in the rlib must be there for fat LTO.
Result<Outcome> compile_bindings(const Project& project, const Places& places, const Rust& rust,
                                 const std::vector<std::string>& flags, const std::string& rlib,
                                 const Speech& speech) {
  Command command;
  command.cwd = project.dir;
  command.argv = {rust.rustc,     "--crate-type",          "rlib",
                  "--crate-name", bindings_crate(project), "--edition",
                  "2021",         "--cap-lints",           "allow"};
  for (const std::string& flag : flags) {
    if (flag == "lto=fat") {
      command.argv.pop_back();  // its -C
      continue;
    }
    command.argv.push_back(flag);
  }
  command.argv.insert(command.argv.end(), {places.generated + "/src/lib.rs", "-o", rlib});
  return run(command, speech);
}

/// A crate that asks for a newer rustc.
struct NewerRust {
  /// What it asks for, where that is known: "edition 2024 came with Rust 1.85".
  std::string what;
  /// Which rustc is used and why, and what gives another.
  std::string used;

  [[nodiscard]] std::string help() const { return what.empty() ? used : what + "; " + used; }
};

/// What rustc or cargo said means that; otherwise nothing.
std::optional<NewerRust> newer_rust(std::string_view output, const Rust& rust) {
  const bool newer = output.contains("or newer, while the currently active rustc") ||
                     output.contains("requires rustc 1.") || output.contains("error[E0658]") ||
                     output.contains("is unstable and only available with -Z") ||
                     output.contains("feature `edition2024` is required");
  NewerRust out;
  out.what = compiler_help::newer_feature(output, rust.version);
  if (!newer && out.what.empty()) return std::nullopt;
  out.used = fmt::format("`{}` is used ({})", rust.rustc, rust.version);
  if (rust.passed_over.empty())
    out.used += ", the first with a wasm target; `TENON_RUSTC=PATH` names another one";
  else
    out.used += fmt::format(
        ", since `{}` has no wasm target: `rustup target add wasm32-unknown-unknown` gives it one",
        rust.passed_over.front());
  return out;
}

/// The compiled bindings, from the cache where it has them, under the name that rustc wants.
Result<void> bindings_library(const Project& project, const Places& places, const Rust& rust,
                              const std::vector<std::string>& flags, const std::string& rlib,
                              FileHashes& hashes, const Speech& speech, Compiled& out) {
  ObjectCache cache(places.objects, hashes);
  const std::string source = places.generated + "/src/lib.rs";
  const std::string key = KeyBuilder()
                              .add(rust.version)
                              .add(rust.rustc)
                              .add(bindings_crate(project))
                              .add(places.project)
                              .add(source)
                              .add(flags)
                              .key();
  std::error_code code;
  if (const auto there = cache.find(key)) {
    ++out.reused;
    fs::copy_file(*there, rlib, fs::copy_options::overwrite_existing, code);
    if (!code) return {};
  }
  speech.status("compiling the bindings");
  const Outcome bindings = TENON_TRY(compile_bindings(project, places, rust, flags, rlib, speech));
  if (!bindings.ok()) {
    Error error = compiler_error("rustc (bindings)", bindings.output, {});
    const auto newer = newer_rust(bindings.output, rust);
    if (!newer) return std::unexpected(std::move(error));
    return std::unexpected(std::move(error).help(
        project.edition == "2024"
            ? fmt::format("write `edition = \"2021\"`: edition 2024 came with Rust 1.85; {}",
                          newer->used)
            : newer->help()));
  }
  TENON_TRY(cache.store(key, {source}, rlib));
  ++out.compiled;
  return {};
}

/// The line that a crate lacks when nothing of it is exported.
std::string export_line(const Project& project, std::string_view source) {
  const auto at = source.find("Guest for ");
  std::string type = "Component";
  if (at != std::string_view::npos) {
    // At the end of the crate's root: of `super::Component` the last part.
    auto begin = at + 10;
    auto end = begin;
    for (; end < source.size(); ++end) {
      if (source[end] == ':') begin = end + 1;
      if (source[end] != ':' && source[end] != '_' &&
          std::isalnum(static_cast<unsigned char>(source[end])) == 0)
        break;
    }
    type = std::string(source.substr(begin, end - begin));
  }
  return fmt::format("{0}::export!({1} with_types_in {0});", bindings_crate(project), type);
}

/// Whether generated bindings have an export of the world's, beside what they have for tenon
/// itself.
bool has_exports(std::string_view bindings) {
  constexpr std::string_view attribute = "export_name = \"";
  for (auto at = bindings.find(attribute); at != std::string_view::npos;
       at = bindings.find(attribute, at + 1)) {
    if (!bindings.substr(at + attribute.size()).starts_with("__tenon_")) return true;
  }
  return false;
}

/// A crate that exports nothing though its world does.
bool exports_nothing(const Project& project, const Places& places) {
  const auto bindings = read_text_file(places.generated + "/src/lib.rs");
  if (bindings && !has_exports(*bindings)) return false;
  for (const std::string& source : project.sources) {
    const fs::path path = fs::path(project.dir) / source;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path.parent_path(), ignored)) {
      if (entry.path().extension() != ".rs") continue;
      const auto text = read_text_file(entry.path().string());
      if (text && text->contains("export!")) return false;
    }
  }
  return true;
}

/// Whether one of the crate's own sources has one of the words.
bool mentions(const Project& project, std::span<const std::string_view> words) {
  const fs::path root = (fs::path(project.dir) / project.sources.front()).parent_path();
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(root, ignored)) {
    if (entry.path().extension() != ".rs") continue;
    const auto text = read_text_file(entry.path().string());
    if (text &&
        std::ranges::any_of(words, [&](std::string_view word) { return text->contains(word); }))
      return true;
  }
  return false;
}

/// Whether the crate's own sources speak of what only WASI has: on a target without it, printing
/// does nothing and the rest fails when it runs. Not panics: a guest that only panics would import
/// WASI, which its world may not have.
bool asks_for_wasi(const Project& project) {
  static constexpr std::array<std::string_view, 12> words = {
      "print!(",   "println!(",          "dbg!(",     "std::io",  "std::fs",  "std::env",
      "std::time", "std::process::exit", "std::{env", "std::{fs", "std::{io", "std::{time"};
  return mentions(project, words);
}

/// Flags that flush standard output at the end of each call, where the crate prints.
std::vector<std::string> print_flags(const Project& project, const std::string& target) {
  static constexpr std::array<std::string_view, 4> words = {"print!(", "println!(", "std::io",
                                                            "std::{io"};
  if (project.command || !target.starts_with("wasm32-wasi") || !mentions(project, words)) return {};
  return {"--cfg", "tenon_prints"};
}

/// Flags that keep the message of a panic for the trap, where no stream takes it. In a release
/// build only a crate that speaks of panics itself pays for the text.
std::vector<std::string> panic_text_flags(const Project& project, const Profile& profile,
                                          const std::string& target) {
  static constexpr std::array<std::string_view, 9> words = {
      "panic!(", "assert!(",      "assert_eq!(",     "assert_ne!(", ".unwrap()",
      "todo!(",  "unreachable!(", "unimplemented!(", ".expect("};
  if (project.command || target.starts_with("wasm32-wasi")) return {};
  if (profile.opt != "0" && !mentions(project, words)) return {};
  return {"--cfg", "tenon_panic_text"};
}

/// The installed target that serves the project best.
Result<std::string> target_for(const Project& project, const Rust& rust) {
  const auto wasi = std::ranges::find_if(
      rust.targets, [](const std::string& target) { return target.starts_with("wasm32-wasi"); });
  if (wasi != rust.targets.end() && (project.command || asks_for_wasi(project))) return *wasi;
  if (!project.command) return rust.targets.front();
  return std::unexpected(
      Error(rules::no_compiler, Span::none(),
            fmt::format("found {}, which has no target with WASI for a command", rust.rustc))
          .help("on Debian: apt-get install libstd-rust-dev-wasm32\nwith rustup: rustup target add "
                "wasm32-wasip1"));
}

/// Flags that link the object which runs constructors once, when the component begins. Without it
/// the linker wraps every export, `cabi_realloc` too, in a run of them, as for a command; those of
/// WASI's library call the adapter, which allocates while it is called to allocate.
std::vector<std::string> start_flags(const Project& project, const Rust& rust,
                                     const std::string& target) {
  if (project.command || !target.starts_with("wasm32-wasi") || rust.reactor_start.empty())
    return {};
  return {"-C", "link-arg=" + rust.reactor_start};
}

Result<Compiled> by_rustc(const Project& project, const Profile& profile, const Places& places,
                          const Rust& rust, FileHashes& hashes, const Speech& speech) {
  const std::string target = TENON_TRY(target_for(project, rust));
  std::vector<std::string> flags = common_flags(project, profile, places, rust, target);
  for (std::string& flag : print_flags(project, target)) flags.push_back(std::move(flag));
  for (std::string& flag : panic_text_flags(project, profile, target))
    flags.push_back(std::move(flag));
  const std::string rlib = places.scratch + "/lib" + bindings_crate(project) + ".rlib";
  Compiled out;
  TENON_TRY(bindings_library(project, places, rust, flags, rlib, hashes, speech, out));
  Command command;
  command.cwd = project.dir;
  out.core_module = places.scratch + "/linked.core";
  const std::string depfile = places.scratch + "/crate.d";
  std::string crate = project.name;
  std::replace(crate.begin(), crate.end(), '-', '_');
  command.argv = {rust.rustc,     "--crate-type", project.command ? "bin" : "cdylib",
                  "--crate-name", crate,          "--edition",
                  project.edition};
  command.argv.insert(command.argv.end(), flags.begin(), flags.end());
  const std::vector<std::string> start = start_flags(project, rust, target);
  command.argv.insert(command.argv.end(), start.begin(), start.end());
  command.argv.insert(command.argv.end(),
                      {"--extern", bindings_crate(project) + "=" + rlib,
                       // Where objects go: a link that fails would leave them in the project.
                       "--out-dir", places.scratch,
                       fmt::format("--emit=link={},dep-info={}", out.core_module, depfile),
                       project.sources.front()});
  if (speech.color) command.argv.emplace_back("--color=always");
  speech.status("compiling " + project.sources.front());
  const Outcome outcome = TENON_TRY(run(command, speech));
  if (!outcome.ok()) {
    std::string line;
    if (!project.command && exports_nothing(project, places)) {
      const auto text = read_text_file((fs::path(project.dir) / project.sources.front()).string());
      line = export_line(project, text ? std::string_view(*text) : std::string_view());
    }
    Error error = compiler_error("rustc", outcome.output, line, guest_names(project, places));
    if (const auto newer = newer_rust(outcome.output, rust))
      return std::unexpected(std::move(error).help(newer->help()));
    return std::unexpected(std::move(error));
  }
  ++out.compiled;
  out.output = outcome.output;
  if (const auto text = read_text_file(depfile)) {
    for (const std::string& path : parse_depfile(*text))
      out.read_files.push_back((fs::path(project.dir) / path).lexically_normal().string());
  }
  if (!project.command && exports_nothing(project, places)) {
    const GuestNames names = guest_names(project, places);
    return std::unexpected(Error(rules::compiler_failed, Span::none(),
                                 names.sources.contains("Guest for ")
                                     ? "the crate implements its traits but exports nothing"
                                     : "the crate implements no trait of the world")
                               .help(fmt::format("add to {}:\n{}", project.sources.front(),
                                                 compiler_help::of_no_export(names))));
  }
  return out;
}

/// What cargo said, and below it what tenon knows of the machine.
Error cargo_error(std::string_view output, const Rust& rust, const GuestNames& names) {
  Error error = compiler_error("cargo", output, {}, names);
  if (const auto newer = newer_rust(output, rust)) return std::move(error).help(newer->help());
  if (output.contains("to learn about target-specific information")) {
    return std::move(error).help(
        fmt::format("`{}` and `{}` ({}) are of different ages: a cargo as old as the rustc goes "
                    "with it (on Debian: apt-get install cargo)",
                    rust.cargo, rust.rustc, rust.version));
  }
  if (output.contains("you're using offline mode") || output.contains("--offline")) {
    return std::move(error).help(
        "without --offline cargo fetches what is missing; or `cargo vendor` once, and the lines "
        "that it prints into .cargo/config.toml");
  }
  if (output.contains("failed to download") || output.contains("failed to fetch") ||
      output.contains("Unable to update")) {
    return std::move(error).help(
        "the registry was not reached: `tenon doctor` shows the registry and proxy settings in "
        "force; with `cargo vendor` no registry is needed");
  }
  return error;
}

Result<Compiled> by_cargo(const Project& project, const Profile& profile, const Places& places,
                          const Rust& rust, const CargoFlags& cargo, const Speech& speech) {
  if (rust.cargo.empty()) {
    return std::unexpected(Error(rules::cargo_project, Span::none(),
                                 fmt::format("the crate depends on `{}`, and there is no cargo",
                                             project.cargo_dependencies.front()))
                               .help("on Debian: apt-get install cargo"));
  }
  const std::string dir = places.internal + "/cargo";
  TENON_TRY(make_folder(dir));
  const std::string manifest =
      TENON_TRY(shadow_manifest(project, profile, bindings_crate(project), places.generated));
  TENON_TRY(write_file(dir + "/Cargo.toml", manifest));
  const CargoLock lock = find_cargo_lock(project);
  TENON_TRY(seed_cargo_lock(lock, dir));
  const std::string target = TENON_TRY(target_for(project, rust));
  Command command;
  command.cwd = project.dir;
  command.argv = {rust.cargo, "build", "--manifest-path", dir + "/Cargo.toml",
                  "--target", target,  "--target-dir",    places.internal + "/cargo-target"};
  if (profile.opt != "0") command.argv.emplace_back("--release");
  if (cargo.offline) command.argv.emplace_back("--offline");
  if (speech.color) command.argv.emplace_back("--color=always");
  std::vector<std::string> flags = {"--remap-path-prefix=" + places.internal + "=.tenon"};
  const auto add = [&](const std::vector<std::string>& more) {
    flags.insert(flags.end(), more.begin(), more.end());
  };
  add(project.rustc_flags);
  add(profile.rustc_flags);
  add(panic_text_flags(project, profile, target));
  add(print_flags(project, target));
  if (!rust.linker.empty()) add({"-C", "linker=" + rust.linker});
  add(start_flags(project, rust, target));
  command.env.emplace_back("RUSTC", rust.rustc);
  command.env.emplace_back("CARGO_ENCODED_RUSTFLAGS", fmt::format("{}", fmt::join(flags, "\x1f")));
  speech.status("running cargo for " + project.name);
  const Outcome outcome = TENON_TRY(run(command, speech));
  if (!outcome.ok())
    return std::unexpected(cargo_error(outcome.output, rust, guest_names(project, places)));
  TENON_TRY(keep_cargo_lock(project, bindings_crate(project), lock, dir, cargo.locked));
  std::string crate = project.name;
  std::replace(crate.begin(), crate.end(), '-', '_');
  const std::string made = fmt::format("{}/cargo-target/{}/{}/{}", places.internal, target,
                                       profile.opt != "0" ? "release" : "debug", crate);
  Compiled out;
  out.core_module = places.scratch + "/linked.core";
  // cargo's own result would be a second file that ends in .wasm.
  std::error_code ignored;
  fs::rename(made + ".wasm", out.core_module, ignored);
  if (ignored)
    return std::unexpected(Error(rules::cargo_project, Span::none(),
                                 fmt::format("`{}.wasm`: {}", made, ignored.message())));
  fs::remove(fmt::format("{}/cargo-target/{}/{}/deps/{}.wasm", places.internal, target,
                         profile.opt != "0" ? "release" : "debug", crate),
             ignored);
  out.compiled = 1;
  if (const auto text = read_text_file(made + ".d")) {
    for (const std::string& path : parse_depfile(*text)) out.read_files.push_back(path);
  }
  return out;
}

}  // namespace

std::string bindings_crate(const Project& project) {
  std::string name = project.name + "_bindings";
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Result<Compiled> compile_rust(const Project& project, const Profile& profile, const Places& places,
                              const std::optional<Rust>& rust, FileHashes& hashes,
                              const CargoFlags& cargo, const Speech& speech) {
  if (!rust || rust->targets.empty()) return std::unexpected(missing_rust());
  if (!project.cargo_dependencies.empty())
    return by_cargo(project, profile, places, *rust, cargo, speech);
  return by_rustc(project, profile, places, *rust, hashes, speech);
}

}  // namespace tenon::builder
