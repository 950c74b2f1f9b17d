// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::engine {

/// `_Z3foov` → `foo()`: names of C++ (Itanium ABI) and of Rust's older mangling, without its hash.
/// What is not mangled, is mangled otherwise, or passes a limit stays as it is: names come from
/// untrusted modules, and a few hundred bytes of them can stand for gigabytes of text.
[[nodiscard]] std::string demangle(std::string_view name);

/// Longer names are not read.
inline constexpr std::size_t demangle_max_input = 4096;
/// Longer results are not given.
inline constexpr std::size_t demangle_max_output = 8192;
/// Characters that the work on one name may copy, about.
inline constexpr std::size_t demangle_max_work = std::size_t{1} << 20U;

}  // namespace tenon::engine
