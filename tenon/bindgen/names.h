// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tenon::bindgen {

/// The languages whose names are made here.
enum class Language : std::uint8_t { cpp, c, rust };

/// `get-HTTP-header` as `get_http_header`. Characters of ids that no language takes (`:` `/` `.`
/// `@`
/// `+`) become `_`.
[[nodiscard]] std::string snake(std::string_view kebab);
/// `get-HTTP-header` as `GetHttpHeader`.
[[nodiscard]] std::string pascal(std::string_view kebab);
/// `get-HTTP-header` as `GET_HTTP_HEADER`.
[[nodiscard]] std::string shouty(std::string_view kebab);

/// Words that may not be a name: keywords, and for C and C++ also lower-case macros of their
/// headers.
[[nodiscard]] bool is_reserved(Language language, std::string_view name);
/// Names that the C library already has at global scope, where a namespace may not be called so.
[[nodiscard]] bool is_libc_name(std::string_view name);
/// A parameter's name in C and C++, before keywords are avoided: `_` is behind one that would
/// shadow a variable or a type of the C library.
[[nodiscard]] std::string param_name(std::string_view kebab);
/// The world's name in snake case, as prefix, namespace and file name: not one that the support
/// files of guests have.
[[nodiscard]] std::string world_name(std::string_view world);

/// One scope of generated code: hands out names that are no keywords and differ from each other.
class NameScope {
 public:
  explicit NameScope(Language language) : language_(language) {}
  /// The same inside of another scope, whose names are taken here too; it must outlive this one.
  NameScope(Language language, const std::unordered_set<std::string>& outer)
      : language_(language), outer_(&outer) {}

  /// Keeps a name for what the generator itself puts into the scope.
  NameScope& reserve(std::string_view name);
  /// Keeps what the C library and the support header of guests in C declare at global scope.
  NameScope& reserve_c_globals();
  [[nodiscard]] bool is_free(std::string_view name) const;
  /// The wanted name, with `_` behind it when it is reserved or a number when it is taken.
  [[nodiscard]] std::string take(std::string wanted);

 private:
  bool is_new(const std::string& name);

  Language language_;
  const std::unordered_set<std::string>* outer_ = nullptr;
  std::unordered_set<std::string> taken_;
  /// The next number of a name that was taken: many want the same one, such as constructors.
  std::unordered_map<std::string, unsigned> next_;
};

/// Names for a list of labels, in their order, in a scope of their own.
[[nodiscard]] std::vector<std::string> take_all(
    Language language, const std::vector<std::string>& wanted,
    std::initializer_list<std::string_view> reserved = {});

}  // namespace tenon::bindgen
