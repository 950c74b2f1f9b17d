// SPDX-License-Identifier: Apache-2.0
// Compilers are asked what they can do rather than recognised by name or version: distributions and
// SDKs use different target triples and layouts. Old versions of rustc need an lld that accepts
// their archives, which is why linkers are compared.
#include "tenon/builder/toolchain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "tenon/base/file.h"
#include "tenon/builder/language.h"
#include "tenon/builder/process.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view clang_packages =
    "clang-22 lld-22 wasi-libc libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 "
    "libclang-rt-22-dev-wasm32";
constexpr std::string_view rust_packages = "rustc libstd-rust-dev-wasm32 lld-14";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

/// What a program prints, trimmed of its last newline; empty when it fails.
std::string output_of(std::vector<std::string> argv) {
  const auto outcome = run(Command{std::move(argv), {}, {}});
  if (!outcome || !outcome->ok()) return {};
  std::string text = outcome->output;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

/// `clang-22` → `clang++-22`, `/opt/bin/clang` → `/opt/bin/clang++`.
std::string cxx_beside(const std::string& cc) {
  const auto at = cc.rfind("clang");
  return at == std::string::npos ? cc : cc.substr(0, at) + "clang++" + cc.substr(at + 5);
}

bool compiler_finds(const Clang& clang, const std::string& file) {
  std::vector<std::string> argv = {clang.cc, "--target=" + clang.triple, "-Wno-deprecated"};
  if (!clang.sysroot.empty()) argv.push_back("--sysroot=" + clang.sysroot);
  argv.push_back("-print-file-name=" + file);
  const std::string answer = output_of(argv);
  return !answer.empty() && answer != file && fs::exists(answer);
}

/// What is there for the triple. Debian's packages answer to wasm32-wasi, a wasi-sdk to
/// wasm32-wasip1.
void examine_clang(Clang& clang) {
  clang.sysroot = environment("WASI_SYSROOT");
  for (const char* triple : {"wasm32-wasi", "wasm32-wasip1"}) {
    clang.triple = triple;
    clang.has_libc = compiler_finds(clang, "libc.a");
    if (clang.has_libc) break;
  }
  if (!clang.has_libc) clang.triple = "wasm32-wasi";
  clang.has_libcxx = compiler_finds(clang, "libc++.a");
  clang.has_builtins = compiler_finds(clang, "libclang_rt.builtins-wasm32.a") ||
                       compiler_finds(clang, "libclang_rt.builtins.a") ||
                       fs::exists(output_of({clang.cc, "--target=" + clang.triple,
                                             "-Wno-deprecated", "-print-libgcc-file-name"}));
  const std::string linker = output_of(
      {clang.cc, "--target=" + clang.triple, "-Wno-deprecated", "-print-prog-name=wasm-ld"});
  clang.has_linker = !linker.empty() &&
                     (linker.contains('/') ? fs::exists(linker) : !find_program(linker).empty());
}

std::optional<Clang> clang_at(const std::string& path) {
  Clang clang;
  clang.cc = path;
  clang.cxx = cxx_beside(path);
  clang.version = first_line(output_of({path, "--version"}));
  if (!clang.version.contains("clang")) return std::nullopt;
  examine_clang(clang);
  return clang;
}

/// The folder of a target's libraries; empty unless it holds a core library, without which nothing
/// can be built for it.
std::string libraries_of(const std::string& rustc, const std::string& target) {
  std::string dir = output_of({rustc, "--print", "target-libdir", "--target", target});
  if (dir.empty() || !fs::is_directory(dir)) return {};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    if (entry.path().filename().string().starts_with("libcore-")) return dir;
  }
  return {};
}

void examine_targets(Rust& rust) {
  for (const char* target : {"wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasi"}) {
    const std::string libraries = libraries_of(rust.rustc, target);
    if (libraries.empty()) continue;
    rust.targets.emplace_back(target);
    const std::string start = libraries + "/self-contained/crt1-reactor.o";
    if (rust.reactor_start.empty() && fs::exists(start)) rust.reactor_start = start;
  }
}

unsigned minor_of(std::string_view version) {
  const auto at = version.find("1.");
  if (at == std::string_view::npos) return 0;
  unsigned minor = 0;
  std::from_chars(version.data() + at + 2, version.data() + version.size(), minor);
  return minor;
}

/// The major version in "LLD 14.0.6", or 0.
unsigned lld_version(const std::string& linker) {
  const std::string text = first_line(output_of({linker, "--version"}));
  const auto at = text.find("LLD ");
  unsigned version = 0;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + 4, text.data() + text.size(), version);
  return version;
}

/// `host: x86_64-unknown-linux-gnu` in what `rustc -vV` prints.
std::string host_of(std::string_view about) {
  constexpr std::string_view field = "\nhost: ";
  const auto at = about.find(field);
  return at == std::string_view::npos ? std::string()
                                      : std::string(first_line(about.substr(at + field.size())));
}

std::optional<Rust> rust_at(const std::string& path) {
  Rust rust;
  rust.rustc = path;
  rust.version = first_line(output_of({path, "--version"}));
  rust.minor = minor_of(rust.version);
  if (rust.minor == 0) return std::nullopt;
  examine_targets(rust);
  // An lld newer than about 16 refuses the archives of an old rustc (its lib.rmeta is not an
  // object).
  const std::string own = output_of({path, "--print", "sysroot"}) + "/lib/rustlib/" +
                          host_of(output_of({path, "-vV"})) + "/bin/rust-lld";
  if (!fs::exists(own)) {
    for (const char* name : {"rust-lld", "wasm-ld-14", "wasm-ld-15", "wasm-ld", "wasm-ld-22"}) {
      if (rust.minor >= 82 && std::string_view(name).ends_with("14")) continue;
      rust.linker = find_program(name);
      if (!rust.linker.empty()) break;
    }
  }
  // From 1.72 on metadata is wrapped in an object of the target.
  constexpr unsigned wraps_metadata = 72;
  constexpr unsigned takes_metadata = 16;
  rust.linker_too_new = !rust.linker.empty() && rust.minor < wraps_metadata &&
                        lld_version(rust.linker) > takes_metadata;
  const std::string beside = (fs::path(path).parent_path() / "cargo").string();
  rust.cargo = fs::exists(beside) ? beside : find_program("cargo");
  return rust;
}

std::vector<std::string> rustc_candidates() {
  std::vector<std::string> out = find_programs("rustc");
  if (std::find(out.begin(), out.end(), "/usr/bin/rustc") == out.end() &&
      fs::exists("/usr/bin/rustc"))
    out.emplace_back("/usr/bin/rustc");
  return out;
}

Finding clang_part(bool there, std::string what, std::string enables, std::string_view package) {
  if (there) return {Finding::State::good, std::move(what), std::move(enables), {}};
  return {Finding::State::missing, std::move(what), std::move(enables),
          fmt::format("apt-get install {}", package)};
}

void examine_rustc(std::vector<Finding>& out, const std::optional<Rust>& rust) {
  if (!rust) {
    std::string others;
    for (const std::string& path : rustc_candidates()) others += " " + path;
    out.push_back(
        {Finding::State::missing, "rustc with a wasm target",
         others.empty() ? "guests in Rust" : "guests in Rust; without a wasm target:" + others,
         fmt::format("apt-get install {}", rust_packages)});
    return;
  }
  std::string targets;
  for (const std::string& target : rust->targets) targets += (targets.empty() ? "" : ", ") + target;
  out.push_back({Finding::State::good,
                 "rustc with a wasm target",
                 fmt::format("{} ({}), targets: {}", rust->rustc, rust->version, targets),
                 {}});
  for (const std::string& other : rust->passed_over) {
    out.push_back({Finding::State::info, "rustc passed over",
                   fmt::format("{}: it has no wasm target", other),
                   "rustup target add wasm32-unknown-unknown"});
  }
  if (rust->linker_too_new) {
    out.push_back({Finding::State::missing, "linker for Rust guests",
                   fmt::format("{} cannot link the archives of this rustc", rust->linker),
                   "apt-get install lld-14"});
  } else if (!rust->linker.empty()) {
    out.push_back({Finding::State::good, "linker for Rust guests", rust->linker, {}});
  }
  if (rust->cargo.empty()) {
    out.push_back({Finding::State::missing, "cargo", "Rust guests with dependencies",
                   "apt-get install cargo"});
  } else {
    out.push_back({Finding::State::good, "cargo", rust->cargo, {}});
  }
}

/// The lines of a cargo configuration that say where crates come from: `[source.crates-io]
/// replace-with = "…"`.
std::string registry_lines(std::string_view text) {
  constexpr std::array keys = {"replace-with", "registry",          "directory", "local-registry",
                               "proxy",        "offline",           "default",   "protocol",
                               "index",        "git-fetch-with-cli"};
  std::string out;
  std::string_view table;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.starts_with('[')) table = line;
    const std::string_view key = line.substr(0, line.find_first_of(" ="));
    const bool about = table.starts_with("[source") || table.starts_with("[registr") ||
                       table == "[http]" || table == "[net]";
    if (!about || std::ranges::find(keys, key) == keys.end()) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : "; ", table, line);
  }
  return out;
}

/// Where cargo looks for its configuration: the folder, those above it, its home.
std::vector<std::string> cargo_configs() {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (fs::path dir = fs::current_path(ignored); !dir.empty(); dir = dir.parent_path()) {
    folders.push_back((dir / ".cargo").string());
    if (!dir.has_relative_path()) break;
  }
  std::string home = environment("CARGO_HOME");
  if (home.empty()) home = environment("HOME") + "/.cargo";
  if (std::ranges::find(folders, home) == folders.end()) folders.push_back(home);
  std::vector<std::string> out;
  for (const std::string& folder : folders) {
    for (const char* name : {"/config.toml", "/config"}) {
      if (!fs::is_regular_file(folder + name, ignored)) continue;
      out.push_back(folder + name);
      break;
    }
  }
  return out;
}

/// The registry of cargo and the proxies, as far as they are in force.
void examine_settings(std::vector<Finding>& out) {
  const auto add = [&](std::string what, std::string detail) {
    out.push_back({Finding::State::info, std::move(what), std::move(detail), {}});
  };
  bool said = false;
  for (const std::string& path : cargo_configs()) {
    const auto text = read_text_file(path);
    const std::string lines = text ? registry_lines(*text) : std::string();
    if (lines.empty()) continue;
    add("cargo's registry setting", path + ": " + lines);
    said = true;
  }
  for (const char* name :
       {"CARGO_SOURCE_CRATES_IO_REPLACE_WITH", "CARGO_REGISTRY_DEFAULT", "CARGO_NET_OFFLINE"}) {
    if (const std::string value = environment(name); !value.empty()) {
      add(name, value);
      said = true;
    }
  }
  if (!said) add("cargo's registry setting", "none: crates.io itself");
  said = false;
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY",
                           "all_proxy", "CARGO_HTTP_PROXY", "no_proxy", "NO_PROXY"}) {
    if (const std::string value = environment(name); !value.empty()) {
      add(name, value);
      said = true;
    }
  }
  if (!said) add("proxy", "none");
}

}  // namespace

std::optional<Clang> find_clang() {
  const std::string wanted = environment("TENON_CLANG");
  if (!wanted.empty()) return clang_at(wanted);
  std::optional<Clang> best;
  for (const char* name : {"clang-22", "clang-23", "clang-21", "clang-20", "clang-19", "clang"}) {
    const std::string path = find_program(name);
    if (path.empty()) continue;
    auto clang = clang_at(path);
    if (!clang) continue;
    if (clang->can_cpp()) return clang;
    if (!best || (clang->can_c() && !best->can_c())) best = std::move(clang);
  }
  return best;
}

std::optional<Rust> find_rust() {
  const std::string wanted = environment("TENON_RUSTC");
  if (!wanted.empty()) return rust_at(wanted);
  std::vector<std::string> passed_over;
  for (const std::string& path : rustc_candidates()) {
    auto rust = rust_at(path);
    if (rust && !rust->targets.empty()) {
      rust->passed_over = std::move(passed_over);
      return rust;
    }
    if (rust) passed_over.push_back(fmt::format("{} ({})", path, rust->version));
  }
  return std::nullopt;
}

Error missing_clang(const std::optional<Clang>& found, bool cpp) {
  const std::string install = fmt::format("on Debian: apt-get install {}", clang_packages);
  if (!found) {
    return Error(rules::no_compiler, Span::none(),
                 "no clang found, wanted one that makes wasm32 guests")
        .help(install + "\n`tenon doctor` shows what is there");
  }
  std::string missing;
  const auto lacks = [&](bool there, const char* what) {
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(what);
  };
  lacks(found->has_linker, "wasm-ld");
  lacks(found->has_libc, "wasi-libc");
  lacks(found->has_builtins, "compiler-rt for wasm32");
  if (cpp) lacks(found->has_libcxx, "libc++ for wasm32");
  return Error(rules::no_compiler, Span::none(),
               fmt::format("found {}, which lacks {}", found->cc, missing))
      .help(install + "\n`tenon doctor` shows what is there");
}

Error missing_rust() {
  std::string detail = "no rustc found, wanted one with a wasm target";
  const auto others = rustc_candidates();
  if (!others.empty()) detail = fmt::format("found {}, which has no wasm target", others.front());
  return Error(rules::no_compiler, Span::none(), std::move(detail))
      .help(fmt::format(
          "on Debian: apt-get install {}\nwith rustup: rustup target add wasm32-unknown-unknown\n"
          "`tenon doctor` shows what is there",
          rust_packages));
}

std::vector<Finding> examine_c(Compilers& compilers) {
  if (!compilers.clang) compilers.clang = find_clang();
  const auto& clang = compilers.clang;
  std::vector<Finding> out;
  if (!clang) {
    out.push_back({Finding::State::missing, "clang for wasm32", "guests in C and C++",
                   fmt::format("apt-get install {}", clang_packages)});
    return out;
  }
  out.push_back({Finding::State::good,
                 "clang for wasm32",
                 fmt::format("{} ({})", clang->cc, clang->version),
                 {}});
  out.push_back(clang_part(clang->has_linker, "wasm-ld", "links guests in C and C++", "lld-22"));
  out.push_back(clang_part(clang->has_libc, "wasi-libc",
                           fmt::format("C guests, target {}", clang->triple), "wasi-libc"));
  out.push_back(clang_part(clang->has_builtins, "compiler-rt for wasm32", "C and C++ guests",
                           "libclang-rt-22-dev-wasm32"));
  return out;
}

std::vector<Finding> examine_cpp(Compilers& compilers) {
  std::vector<Finding> out = examine_c(compilers);
  if (compilers.clang)
    out.push_back(clang_part(compilers.clang->has_libcxx, "libc++ for wasm32", "C++ guests",
                             "libc++-22-dev-wasm32 libc++abi-22-dev-wasm32"));
  return out;
}

std::vector<Finding> examine_rust(Compilers& compilers) {
  if (!compilers.rust) compilers.rust = find_rust();
  std::vector<Finding> out;
  examine_rustc(out, compilers.rust);
  examine_settings(out);
  return out;
}

std::vector<Finding> examine(std::span<const Lang> wanted) {
  Compilers compilers;
  std::vector<Finding> out;
  for (const GuestLanguage* row : languages()) {
    if (!wanted.empty() && std::ranges::find(wanted, row->lang) == wanted.end()) continue;
    // What a language shares with one before it was said there.
    const std::size_t before = out.size();
    for (Finding& finding : row->examine(compilers)) {
      const auto said = out.begin() + static_cast<std::ptrdiff_t>(before);
      if (std::ranges::find(out.begin(), said, finding.what, &Finding::what) == said)
        out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace tenon::builder
