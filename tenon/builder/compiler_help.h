// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder/compile.h"

namespace tenon::builder::compiler_help {

// Words and pieces of a compiler's output or of a source.

[[nodiscard]] inline bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
/// The identifier that begins at `at`.
[[nodiscard]] std::string_view word_at(std::string_view text, std::size_t at);
/// The identifier that ends before `at`.
[[nodiscard]] std::string_view word_before(std::string_view text, std::size_t at);
/// What is between `open` and the next `close`, `open` being sought from `from` on.
[[nodiscard]] std::string_view between(std::string_view text, std::string_view open,
                                       std::string_view close, std::size_t from = 0);
/// The line of the source that a compiler shows, and where its caret is in it.
struct Shown {
  std::string_view line;
  std::size_t caret = 0;
};
/// What clang shows for the error whose message has `at` in it; empty when it shows nothing.
[[nodiscard]] Shown shown_line(std::string_view output, std::size_t at);
/// A text without the spaces around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The expression that begins at `at` and ends with `;`, which may stand in quotes.
[[nodiscard]] std::string_view expression_at(std::string_view line, std::size_t at);
/// A name without its underscores and in small letters: `GET_ITEM` and `getItem` are the same.
[[nodiscard]] std::string folded(std::string_view word);
/// Whether the sources include the generated header by its right name.
[[nodiscard]] bool includes_header(const GuestNames& names);
/// The line that exports a class from C++: `TENON_EXPORT_greeter(Greeter);`.
[[nodiscard]] std::string export_macro_line(const GuestNames& names);

// What tenon knows to be wrong in a source of that language, in words that say what to write; empty
// when nothing is known. `output` is without colours.

[[nodiscard]] std::string of_c(std::string_view output, const GuestNames& names);
[[nodiscard]] std::string of_cpp(std::string_view output, const GuestNames& names);
/// Lists, handles and values of the bindings' types in C.
[[nodiscard]] std::string of_c_values(std::string_view output, const GuestNames& names);
/// Values of the bindings' types in C++: results, enumerators, cases of variants.
[[nodiscard]] std::string of_cpp_values(std::string_view output, const GuestNames& names);
/// The whole name of an enumerator that the generated header has in C++, whatever its letters;
/// empty when it has none or several.
[[nodiscard]] std::string whole_enumerator(std::string_view header, std::string_view word);
[[nodiscard]] std::string of_rust(std::string_view output, const GuestNames& names);

/// What a crate uses that came with a later Rust than this one: "`let … else` came with Rust 1.65";
/// empty when nothing of that kind is known. `version` is what rustc says of itself.
[[nodiscard]] std::string newer_feature(std::string_view output, std::string_view version);

/// The declarations in C of what the world exports and the module does not have.
[[nodiscard]] std::vector<std::string> c_declarations(const GuestNames& names);
/// The paths of the traits that a crate in Rust implements: `x_bindings::exports::a::b::Guest`.
[[nodiscard]] std::vector<std::string> rust_traits(const GuestNames& names);
/// What to write where a module exports nothing of its world.
[[nodiscard]] std::string of_no_export(const GuestNames& names);

}  // namespace tenon::builder::compiler_help
