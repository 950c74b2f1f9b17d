// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/builder/project.h"

namespace tenon::builder {

/// clang with what it needs to make wasm32 guests.
struct Clang {
  /// The C compiler and the C++ compiler beside it.
  std::string cc;
  std::string cxx;
  /// `clang version 22.1.8 …`, the first line of `--version`.
  std::string version;
  /// `--target=…` that its sysroot answers to.
  std::string triple;
  /// Empty: the compiler's own.
  std::string sysroot;
  bool has_libc = false;
  bool has_libcxx = false;
  bool has_builtins = false;
  bool has_linker = false;
  [[nodiscard]] bool can_c() const { return has_libc && has_builtins && has_linker; }
  [[nodiscard]] bool can_cpp() const { return can_c() && has_libcxx; }
};

/// A rustc with a wasm target.
struct Rust {
  std::string rustc;
  std::string version;
  /// `1.63` as 63; what comes after decides which target and linker serve.
  unsigned minor = 0;
  /// The installed wasm targets, best for components first.
  std::vector<std::string> targets;
  /// Linker to pass with `-C linker`, when rustc's own cannot be used. Empty: its own.
  std::string linker;
  /// That linker is too new for the archives of this rustc: another one is wanted.
  bool linker_too_new = false;
  /// Compilers that are before it in PATH and have no wasm target.
  std::vector<std::string> passed_over;
  /// Beside it or in PATH; empty when there is none.
  std::string cargo;
  /// The `crt1-reactor.o` of the first target with WASI; empty when there is none.
  std::string reactor_start;
};

/// The clang of `TENON_CLANG`, otherwise the first that can make C++ guests among clang-22,
/// clang-23, … and clang in PATH, otherwise the first that can make any. Nothing when there is none
/// at all.
[[nodiscard]] std::optional<Clang> find_clang();
/// The rustc of `TENON_RUSTC`, otherwise the first in PATH or /usr/bin that has a wasm target.
[[nodiscard]] std::optional<Rust> find_rust();

/// The error that says which package brings what is missing.
[[nodiscard]] Error missing_clang(const std::optional<Clang>& found, bool cpp);
[[nodiscard]] Error missing_rust();

/// One line of `tenon doctor`.
struct Finding {
  enum class State : std::uint8_t { good, missing, info };
  State state = State::good;
  std::string what;
  std::string detail;
  /// What to do about it; empty when nothing is to be done.
  std::string mend;
};
/// Which guest compilers and targets are there, what each enables, which package brings the missing
/// ones, and the registry and proxy settings in force: for these languages, or for all.
[[nodiscard]] std::vector<Finding> examine(std::span<const Lang> wanted = {});

}  // namespace tenon::builder
