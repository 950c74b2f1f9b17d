// SPDX-License-Identifier: Apache-2.0
// Text of core modules outlives its tools: operators were renamed in 2018 (`get_local`,
// `i32.wrap/i64`), those of vectors, atomics and GC while they were proposals. Renamings that
// follow a rule are computed; a spelling counts only when what it gives is an operator.
#include "tenon/text/spellings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tenon/text/keywords.h"

namespace tenon::text {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr auto renamed = std::to_array<Pair>({
    {"get_local", "local.get"},
    {"set_local", "local.set"},
    {"tee_local", "local.tee"},
    {"get_global", "global.get"},
    {"set_global", "global.set"},
    {"current_memory", "memory.size"},
    {"grow_memory", "memory.grow"},
    {"mem.grow", "memory.grow"},
    {"mem.size", "memory.size"},
    {"anyfunc", "funcref"},
    {"atomic.notify", "memory.atomic.notify"},
    {"atomic.wake", "memory.atomic.notify"},
    {"wake", "memory.atomic.notify"},
    {"i32.wait", "memory.atomic.wait32"},
    {"i64.wait", "memory.atomic.wait64"},
    {"i32.atomic.wait", "memory.atomic.wait32"},
    {"i64.atomic.wait", "memory.atomic.wait64"},
    {"v8x16.shuffle", "i8x16.shuffle"},
    {"v8x16.swizzle", "i8x16.swizzle"},
    {"v8x16.load_splat", "v128.load8_splat"},
    {"v16x8.load_splat", "v128.load16_splat"},
    {"v32x4.load_splat", "v128.load32_splat"},
    {"v64x2.load_splat", "v128.load64_splat"},
    {"i8x16.load_splat", "v128.load8_splat"},
    {"i16x8.load_splat", "v128.load16_splat"},
    {"i32x4.load_splat", "v128.load32_splat"},
    {"i64x2.load_splat", "v128.load64_splat"},
    {"i16x8.load8x8_s", "v128.load8x8_s"},
    {"i16x8.load8x8_u", "v128.load8x8_u"},
    {"i32x4.load16x4_s", "v128.load16x4_s"},
    {"i32x4.load16x4_u", "v128.load16x4_u"},
    {"i64x2.load32x2_s", "v128.load32x2_s"},
    {"i64x2.load32x2_u", "v128.load32x2_u"},
    {"i8x16.any_true", "v128.any_true"},
    {"i16x8.any_true", "v128.any_true"},
    {"i32x4.any_true", "v128.any_true"},
    {"i64x2.any_true", "v128.any_true"},
    {"i32x4.trunc_sat_f64x2_zero_s", "i32x4.trunc_sat_f64x2_s_zero"},
    {"i32x4.trunc_sat_f64x2_zero_u", "i32x4.trunc_sat_f64x2_u_zero"},
    {"f32x4.demote_zero_f64x2", "f32x4.demote_f64x2_zero"},
    {"f32x4.qfma", "f32x4.relaxed_madd"},
    {"f32x4.qfms", "f32x4.relaxed_nmadd"},
    {"f64x2.qfma", "f64x2.relaxed_madd"},
    {"f64x2.qfms", "f64x2.relaxed_nmadd"},
    {"i8x16.laneselect", "i8x16.relaxed_laneselect"},
    {"i16x8.laneselect", "i16x8.relaxed_laneselect"},
    {"i32x4.laneselect", "i32x4.relaxed_laneselect"},
    {"i64x2.laneselect", "i64x2.relaxed_laneselect"},
    {"extern.externalize", "extern.convert_any"},
    {"extern.internalize", "any.convert_extern"},
    {"i31.new", "ref.i31"},
    {"array.init_static", "array.new_fixed"},
    {"array.new_canon_fixed", "array.new_fixed"},
    {"array.init", "array.new_fixed"},
});

// Parts of an operator's name that were renamed.
constexpr auto parts = std::to_array<Pair>({
    {".new_canon", ".new"},
    {".widen_", ".extend_"},
    {".add_saturate_", ".add_sat_"},
    {".sub_saturate_", ".sub_sat_"},
});

std::string if_operator(std::string word) {
  return find_operator(word) ? std::move(word) : std::string();
}

/// `i32.trunc_s:sat/f32` and its like: `i32.trunc_sat_f32_s`.
std::string from_conversion(std::string_view word) {
  const std::size_t slash = word.find('/');
  std::string_view op = word.substr(0, slash);
  std::string_view from = word.substr(slash + 1);
  std::string_view sat;
  const auto cut = [](std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
  };
  if (cut(op, ":sat") || cut(from, ":sat")) sat = "_sat";
  std::string_view sign;
  if (cut(op, "_s")) {
    sign = "_s";
  } else if (cut(op, "_u")) {
    sign = "_u";
  }
  return if_operator(fmt::format("{}{}_{}{}", op, sat, from, sign));
}

/// `i64.atomic.rmw8_u.add`: `i64.atomic.rmw8.add_u`.
std::string from_atomic(std::string_view word) {
  const std::size_t at = word.find("_u.");
  return if_operator(fmt::format("{}{}_u", word.substr(0, at), word.substr(at + 2)));
}

struct Word {
  std::string_view text;
  std::string_view proposal;
};
// Words of types; those of operators are in unsupported.def.
constexpr auto type_words = std::to_array<Word>({
    {"cont", "stack switching is"},
    {"contref", "stack switching is"},
    {"nocont", "stack switching is"},
    {"nullcontref", "stack switching is"},
    {"exact", "custom descriptors are"},
    {"descriptor", "custom descriptors are"},
    {"describes", "custom descriptors are"},
    {"shared", "shared heap types of shared-everything-threads are"},
});
constexpr auto orderings = std::to_array<std::string_view>({"acqrel", "seqcst"});

}  // namespace

std::string todays_spelling(std::string_view word) {
  const auto* const found = std::ranges::find(renamed, word, &Pair::first);
  if (found != renamed.end()) return std::string(found->second);
  if (word.find('/') != std::string_view::npos) return from_conversion(word);
  if (word.find(".atomic.") != std::string_view::npos &&
      word.find("_u.") != std::string_view::npos) {
    return from_atomic(word);
  }
  for (const auto& [old, today] : parts) {
    const std::size_t at = word.find(old);
    if (at == std::string_view::npos) continue;
    return if_operator(
        fmt::format("{}{}{}", word.substr(0, at), today, word.substr(at + old.size())));
  }
  return {};
}

std::string foreign_word(std::string_view word, std::string_view wanted) {
  if (wanted.starts_with("an instruction")) {
#define TENON_UNSUPPORTED(code, name, proposal) \
  if (word == (name)) return "found `" name "`; " proposal " not supported";
#include "tenon/core/unsupported.def"
#undef TENON_UNSUPPORTED
    if (std::ranges::find(orderings, word) != orderings.end()) {
      return fmt::format("found the ordering `{}`; acquire-release atomics are not supported",
                         word);
    }
    return {};
  }
  if (!wanted.starts_with("a heap type") && !wanted.starts_with("a reference type") &&
      !wanted.starts_with("a value type") && !wanted.starts_with("`(func`")) {
    return {};
  }
  const auto* const found = std::ranges::find(type_words, word, &Word::text);
  if (found == type_words.end()) return {};
  return fmt::format("found `{}`; {} not supported", word, found->proposal);
}

}  // namespace tenon::text
