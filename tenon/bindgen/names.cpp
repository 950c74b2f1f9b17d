// SPDX-License-Identifier: Apache-2.0
#include "tenon/bindgen/names.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "tenon/base/ascii.h"

namespace tenon::bindgen {

namespace {

constexpr bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

constexpr std::array cpp_words = std::to_array<std::string_view>({
#define TENON_KEYWORD(word) word,
#include "tenon/bindgen/keywords_c.def"
#include "tenon/bindgen/keywords_cpp.def"
});
constexpr std::array rust_words = std::to_array<std::string_view>({
#include "tenon/bindgen/keywords_rust.def"
});
constexpr std::array libc_words = std::to_array<std::string_view>({
#include "tenon/bindgen/libc_names.def"
#undef TENON_KEYWORD
});

/// What `tenon_guest.h` and the headers that it includes define, as far as a name made of a world's
/// can meet it.
constexpr auto c_header_words = std::to_array<std::string_view>({
    "int_fast8_t",          "int_fast16_t",        "int_fast32_t",
    "int_fast64_t",         "int_least8_t",        "int_least16_t",
    "int_least32_t",        "int_least64_t",       "uint_fast8_t",
    "uint_fast16_t",        "uint_fast32_t",       "uint_fast64_t",
    "uint_least8_t",        "uint_least16_t",      "uint_least32_t",
    "uint_least64_t",       "INT_FAST8_MIN",       "INT_FAST16_MIN",
    "INT_FAST32_MIN",       "INT_FAST64_MIN",      "INT_LEAST8_MIN",
    "INT_LEAST16_MIN",      "INT_LEAST32_MIN",     "INT_LEAST64_MIN",
    "INT_FAST8_MAX",        "INT_FAST16_MAX",      "INT_FAST32_MAX",
    "INT_FAST64_MAX",       "INT_LEAST8_MAX",      "INT_LEAST16_MAX",
    "INT_LEAST32_MAX",      "INT_LEAST64_MAX",     "UINT_FAST8_MAX",
    "UINT_FAST16_MAX",      "UINT_FAST32_MAX",     "UINT_FAST64_MAX",
    "UINT_LEAST8_MAX",      "UINT_LEAST16_MAX",    "UINT_LEAST32_MAX",
    "UINT_LEAST64_MAX",     "SIG_ATOMIC_MIN",      "SIG_ATOMIC_MAX",
    "MB_CUR_MAX",           "TENON_GUEST_H",       "TENON_GUEST_STATIC_ASSERT",
    "TENON_GUEST_LAYOUT",   "tenon_guest_pointer", "tenon_guest_address",
    "tenon_guest_f32",      "tenon_guest_f64",     "tenon_guest_f32_bits",
    "tenon_guest_f64_bits", "tenon_guest_length",  "tenon_guest_copy",
});

/// Variables and types without `_t` behind them that C libraries declare at global scope.
constexpr auto libc_objects = std::to_array<std::string_view>({
#define TENON_KEYWORD(word)
#define TENON_LIBC_OBJECT(word) word,
#include "tenon/bindgen/libc_names.def"
#undef TENON_KEYWORD
});

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string snake(std::string_view kebab) {
  std::string out;
  for (const char c : kebab) out += is_word(c) ? to_lower(c) : '_';
  return out;
}

std::string pascal(std::string_view kebab) {
  std::string out;
  bool first = true;
  for (const char c : kebab) {
    if (!is_word(c)) {
      first = true;
      continue;
    }
    // Two words that end and begin with digits must not run together.
    if (first && !out.empty() && is_digit(c) && is_digit(out.back())) out += '_';
    out += first ? to_upper(c) : to_lower(c);
    first = false;
  }
  return out;
}

std::string shouty(std::string_view kebab) {
  std::string out;
  for (const char c : kebab) out += is_word(c) ? to_upper(c) : '_';
  return out;
}

bool is_reserved(Language language, std::string_view name) {
  switch (language) {
    case Language::cpp:
      return contains(cpp_words, name);
    case Language::c:
      return contains(cpp_words, name);  // headers for C are usable from C++
    case Language::rust:
      return contains(rust_words, name);
  }
  return false;
}

bool is_libc_name(std::string_view name) {
  return contains(libc_words, name);
}

std::string param_name(std::string_view kebab) {
  std::string name = snake(kebab);
  const bool is_type =
      name.ends_with("_t") && (contains(libc_words, name) || contains(c_header_words, name));
  if (is_type || contains(libc_objects, name)) name += '_';
  return name;
}

std::string world_name(std::string_view world) {
  std::string name = snake(world);
  // `tenon_guest.h`, `tenon_guest_rt.c`, `small_malloc.c` are beside the world's files.
  if (name == "tenon_guest" || name == "tenon_guest_rt" || name == "small_malloc") name += '_';
  return name;
}

NameScope& NameScope::reserve(std::string_view name) {
  taken_.emplace(name);
  return *this;
}

NameScope& NameScope::reserve_c_globals() {
  for (const auto name : libc_words) taken_.emplace(name);
  for (const auto name : c_header_words) taken_.emplace(name);
  return *this;
}

bool NameScope::is_free(std::string_view name) const {
  const std::string text(name);
  return (outer_ == nullptr || !outer_->contains(text)) && !taken_.contains(text);
}

bool NameScope::is_new(const std::string& name) {
  return (outer_ == nullptr || !outer_->contains(name)) && taken_.insert(name).second;
}

std::string NameScope::take(std::string wanted) {
  if (wanted.empty() || is_digit(wanted.front())) wanted.insert(0, "_");
  if (is_reserved(language_, wanted)) wanted += '_';
  if (is_new(wanted)) return wanted;
  std::string stem = wanted + '_';
  if (is_new(stem)) return stem;
  for (unsigned& n = next_.try_emplace(stem, 2U).first->second;; ++n) {
    std::string numbered = stem + std::to_string(n);
    if (is_new(numbered)) return numbered;
  }
}

std::vector<std::string> take_all(Language language, const std::vector<std::string>& wanted,
                                  std::initializer_list<std::string_view> reserved) {
  NameScope scope(language);
  for (const auto name : reserved) scope.reserve(name);
  std::vector<std::string> names;
  names.reserve(wanted.size());
  for (const auto& name : wanted) names.push_back(scope.take(name));
  return names;
}

}  // namespace tenon::bindgen
