// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/language.h"

#include <array>
#include <cstddef>

namespace tenon::builder {

std::span<const GuestLanguage* const> languages() {
  static constexpr std::array rows = {&cpp_language, &c_language, &rust_language};
  return rows;
}

const GuestLanguage& language(Lang lang) {
  return *languages()[static_cast<std::size_t>(lang)];
}

std::optional<std::pair<std::string, std::string>> find_clang_compiler(Compilers& compilers) {
  compilers.clang = find_clang();
  if (!compilers.clang) return std::nullopt;
  return std::pair(std::string("clang"), compilers.clang->version);
}

Result<Compiled> compile_by_clang(const Compilation& how) {
  return compile_clang(how.project, how.profile, how.places, how.compilers.clang,
                       how.generated_sources, how.hashes, how.jobs, how.speech);
}

std::string_view to_string(Lang lang) {
  return language(lang).name;
}

std::optional<Lang> parse_lang(std::string_view text) {
  for (const GuestLanguage* row : languages()) {
    if (row->name == text || (!row->alias.empty() && row->alias == text)) return row->lang;
  }
  return std::nullopt;
}

}  // namespace tenon::builder
