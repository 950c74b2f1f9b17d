// SPDX-License-Identifier: Apache-2.0
// The rows of languages.def as one list: what asks for a language by its name, and what would
// differ between languages, asks its row.
#include "tenon/builder/language.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "tenon/base/ascii.h"

namespace tenon::builder {

std::span<const GuestLanguage* const> languages() {
  static constexpr std::array rows = {
#define TENON_LANGUAGE(name) &name##_language,
#include "tenon/builder/languages.def"
#undef TENON_LANGUAGE
  };
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

std::optional<Lang> meant_lang(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  for (const GuestLanguage* row : languages()) {
    if (row->name == lower || std::ranges::find(row->other_names, lower) != row->other_names.end())
      return row->lang;
  }
  return std::nullopt;
}

bool compiles_each_source(Lang lang) {
  return language(lang).root.empty();
}

}  // namespace tenon::builder
