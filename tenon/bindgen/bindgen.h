// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/error.h"
#include "tenon/component/string_encoding.h"
#include "tenon/wit/package.h"

namespace tenon::bindgen {

enum class Generator : std::uint8_t { cpp_host, cpp, c, rust, markdown };
/// How exported functions take strings and lists: as values of their own, or as views that last for
/// the call.
enum class Ownership : std::uint8_t { owning, borrowing };

struct Options {
  Generator generator = Generator::cpp;
  /// C: how the guest's strings lie in its memory; the component is made with the same encoding.
  component::StringEncoding string_encoding = component::StringEncoding::utf8;
  Ownership ownership = Ownership::owning;
  /// What the generated files name as their maker: "tenon 0.1.0".
  std::string producer = "tenon 0.1.0";
  /// Rust: the crate is `<project>_bindings`; empty: the world's name.
  std::string project;
  /// Rust: 2021 or 2024.
  unsigned edition = 2021;
  /// Rust: the crate brings a small allocator. (C and C++ link `guest_allocator`.)
  bool small_allocator = false;
};

/// A generated file: its path below the output folder, and its text.
struct File {
  std::string path;
  std::string text;
};

/// Typed bindings of one world. The same input gives the same bytes.
[[nodiscard]] Result<std::vector<File>> generate(const wit::Packages& packages, wit::WorldIdx world,
                                                 const Options& options);

/// A first implementation of all that a world exports, as a source of a project: each function
/// traps until it is written. For guests: cpp, c, rust.
[[nodiscard]] Result<File> generate_stubs(const wit::Packages& packages, wit::WorldIdx world,
                                          const Options& options);

/// Names of generated code that a guest's author writes; keywords and the like are escaped.
struct GuestNames {
  /// C and C++: the header to include, `calculator.hpp`.
  std::string header;
  /// C++: behind `TENON_EXPORT_`. C: before `_string_t`. Rust: before `_bindings`.
  std::string world;
  /// Of each exported interface, in the order of the WIT. C: what its functions begin with,
  /// `exports_local_calculator_greeting_`. Rust: the path of its `Guest`,
  /// `calculator_bindings::exports::local::calculator::greeting`.
  std::vector<std::string> exports;
};
/// Those of the bindings that `generate` writes. For guests: cpp, c, rust.
[[nodiscard]] Result<GuestNames> guest_names(const wit::Packages& packages, wit::WorldIdx world,
                                             const Options& options);

// What guests link, as text (the files of guest/).
[[nodiscard]] std::string_view guest_header_cpp();
[[nodiscard]] std::string_view guest_header_c();
[[nodiscard]] std::string_view guest_realloc();
[[nodiscard]] std::string_view guest_stubs();
/// A small `malloc` that takes the place of the C library's.
[[nodiscard]] std::string_view guest_allocator();

}  // namespace tenon::bindgen
