// SPDX-License-Identifier: Apache-2.0
// Operators are found by a hash table that the compiler builds from the operator table. The other
// words are a single string that is searched only when an error is being reported.
#include "tenon/text/keywords.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace tenon::text {
namespace {

constexpr std::size_t table_size = 4096;

/// Reads words of 8 bytes where it can; the same at compile time, byte by byte.
constexpr std::uint32_t hash_of(std::string_view word) {
  std::uint64_t h = word.size() * 0x9E3779B97F4A7C15ULL;
  std::size_t at = 0;
  while (at < word.size()) {
    const std::size_t n = std::min<std::size_t>(8, word.size() - at);
    std::uint64_t chunk = 0;
    if consteval {
      for (std::size_t i = 0; i < n; ++i) {
        chunk |= static_cast<std::uint64_t>(static_cast<unsigned char>(word[at + i])) << (8 * i);
      }
    } else {
      std::memcpy(&chunk, word.data() + at, n);
    }
    h = (h ^ chunk) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32U;
    at += n;
  }
  return static_cast<std::uint32_t>(h % table_size);
}

constexpr std::uint16_t no_op = 0xFFFF;

constexpr std::array<std::uint16_t, table_size> make_table() {
  std::array<std::uint16_t, table_size> table{};
  table.fill(no_op);
  for (std::size_t i = 0; i < core::num_ops; ++i) {
    const std::string_view text = core::op_table::rows[i].text;
    std::size_t slot = hash_of(text);
    while (table[slot] != no_op && core::op_table::rows[table[slot]].text != text)
      slot = (slot + 1) % table_size;
    if (table[slot] == no_op) table[slot] = static_cast<std::uint16_t>(i);
  }
  return table;
}
constexpr auto table = make_table();

/// Words of the grammars that are no operators, each with a space after it. A `=` at the end admits
/// a value after it.
constexpr std::string_view words =
    "after alias align= any anyref array array.const arrayref assert_exception "
    "assert_exhaustion assert_invalid assert_invalid_custom assert_malformed "
    "assert_malformed_custom assert_return assert_suspension assert_trap assert_unlinkable "
    "async before binary bool bool.const borrow callback cancellable canon case catch "
    "catch_all catch_all_ref catch_ref char char.const code component constructor core data "
    "datacount declare definition delegate dtor do either elem entry enum enum.const eq eqref "
    "error error-context exn exnref export extern external-id externref f32 f32x4 f64 f64x2 "
    "field final first flags flags.const func funcref future get global i16 i16x8 i31 i31ref "
    "i32 i32x4 i64 i64x2 i8 i8x16 implements import input instance instantiate interface "
    "invoke item last latin1+utf16 lift list list.const local lower map map.const memory method "
    "module "
    "mut nan:arithmetic nan:canonical noexn noextern nofunc none null nullexnref "
    "nullexternref nullfuncref nullref offset offset= option option.none option.some outer "
    "own pagesize param post-return quote realloc rec record record.const ref ref.array "
    "ref.eq ref.exn ref.extern ref.host ref.i31 ref.struct register rep resource result "
    "result.err result.ok s16 s16.const s32 s32.const s64 s64.const s8 s8.const shared start "
    "static str.const stream string string-encoding struct structref sub table tag then "
    "thread try tuple tuple.const type u16 u16.const u32 u32.const u64 u64.const u8 u8.const "
    "utf16 utf8 v128 value variant variant.const version-suffix versionsuffix wait with ";

}  // namespace

std::optional<core::Op> find_operator(std::string_view word) {
  for (std::size_t slot = hash_of(word); table[slot] != no_op; slot = (slot + 1) % table_size) {
    if (core::op_table::rows[table[slot]].text == word) return static_cast<core::Op>(table[slot]);
  }
  return std::nullopt;
}

bool is_keyword(std::string_view word) {
  if (find_operator(word)) return true;
  for (std::string_view left = words; !left.empty();) {
    const std::string_view known = left.substr(0, left.find(' '));
    left.remove_prefix(known.size() + 1);
    if (known == word || (known.ends_with('=') && word.starts_with(known))) return true;
  }
  return false;
}

}  // namespace tenon::text
