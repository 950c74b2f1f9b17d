// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "tenon/builder/compile.h"
#include "tenon/builder/rules.h"

namespace tenon::builder {
namespace {

/// What a compiler or linker says, and what its user can do about it.
struct Known {
  std::string_view says;
  std::string_view help;
};

constexpr std::array known_errors = {
    Known{"__cxa_throw",
          "the guest's C++ library is built without exceptions: compile with -fno-exceptions and "
          "return "
          "std::expected, or bring a libc++abi with exceptions and pass -fwasm-exceptions"},
    Known{"__cxa_allocate_exception",
          "the guest's C++ library is built without exceptions: return std::expected instead of "
          "`throw`"},
    Known{"cannot use 'throw' with exceptions disabled",
          "guests are compiled without exceptions: return std::expected instead of `throw`"},
    Known{"cannot use 'try' with exceptions disabled",
          "guests are compiled without exceptions: check std::expected instead of `try`"},
    Known{"undefined symbol: __wasilibc",
          "the wasi-libc found does not belong to this compiler: `tenon doctor` shows both"},
    Known{"undefined symbol: main",
          "a component has no `main`: implement the exports of its world"},
    Known{"can't find crate for `std`",
          "this rustc has no library for the wasm target: `tenon doctor` says which package brings "
          "it"},
    Known{"lib.rmeta' is neither",
          "this lld cannot link the archives of this rustc: on Debian, apt-get install lld-14"},
    Known{"mutex' file not found", "guests have no threads: std::mutex is not there"},
    Known{"unresolved import `wit_bindgen`",
          "tenon generates a crate of its own: use the bindings crate instead of wit_bindgen"},
    Known{"use of undeclared crate or module `wit_bindgen_rust`",
          "tenon generates a crate of its own: use the bindings crate instead of wit_bindgen_rust"},
    Known{"undefined symbol:",
          "the world's exports must be implemented under the names that the generated header "
          "declares"},
};

}  // namespace

Error compiler_error(std::string_view what, std::string_view output, std::string_view export_line) {
  Error error(rules::compiler_failed, Span::none(), std::string(what));
  std::string_view rest = output;
  while (!rest.empty()) {
    const auto cut = rest.find('\n');
    error = std::move(error).note(std::string(rest.substr(0, cut)));
    rest = cut == std::string_view::npos ? std::string_view() : rest.substr(cut + 1);
  }
  if (!export_line.empty())
    return std::move(error).help(
        fmt::format("the crate exports nothing yet: add this line\n{}", export_line));
  for (const Known& known : known_errors) {
    if (output.contains(known.says)) return std::move(error).help(std::string(known.help));
  }
  return error;
}

}  // namespace tenon::builder
