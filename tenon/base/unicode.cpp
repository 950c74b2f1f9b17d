// SPDX-License-Identifier: Apache-2.0
#include "tenon/base/unicode.h"

#include <array>
#include <cassert>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tenon {
namespace {

/// Length of the ASCII run at the beginning of `bytes`.
std::size_t ascii_run(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t high = 0x8080808080808080ULL;
  std::size_t i = 0;
  // A cache line at a time, as vectors whatever the level of optimisation.
  using Vector [[gnu::vector_size(16)]] = std::uint64_t;
  while (i + 64 <= bytes.size()) {
    Vector v[4];
    std::memcpy(v, bytes.data() + i, 64);
    const Vector all = (v[0] | v[1]) | (v[2] | v[3]);
    if (((all[0] | all[1]) & high) != 0) break;
    i += 64;
  }
  while (i + 8 <= bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & high) != 0) break;
    i += 8;
  }
  while (i < bytes.size() && bytes[i] < 0x80) ++i;
  return i;
}

/// Length of the sequence that a lead byte opens, and the allowed range of its second byte.
struct Lead {
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

/// The length of the sequence of more than one byte that `bytes` begin with; 0 when it is wrong.
std::size_t sequence_length(std::span<const std::uint8_t> bytes) {
  const Lead lead = lead_of(bytes[0]);
  if (lead.length == 0 || bytes.size() < lead.length) return 0;
  if (bytes[1] < lead.low || bytes[1] > lead.high) return 0;
  for (std::size_t k = 2; k < lead.length; ++k) {
    if ((bytes[k] & 0xC0U) != 0x80U) return 0;
  }
  return lead.length;
}

/// Checks one sequence after the other, from `at` on, which must be where one begins.
std::optional<std::size_t> utf8_error_from(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::size_t i = at;
  while (i < bytes.size()) {
    if (bytes[i] < 0x80) {
      i += ascii_run(bytes.subspan(i));
      continue;
    }
    const std::size_t length = sequence_length(bytes.subspan(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

#if defined(__x86_64__)

/// Two neighbouring bytes that cannot be so: sets of nibbles, bit N for nibble N.
struct WrongPair {
  std::uint16_t first_high;
  std::uint16_t first_low;
  std::uint16_t second_high;
};
constexpr std::uint16_t any_nibble = 0xFFFF;
constexpr std::uint16_t continuation = 0x0F00;
/// Eight reasons, one bit each in the tables below. The last is no fault where a third or fourth
/// byte is due.
constexpr std::array<WrongPair, 8> wrong_pairs = {{
    {0x00FF, any_nibble, continuation},        // a continuation after ASCII
    {0xF000, any_nibble, 0xF0FF},              // a lead without continuation
    {1U << 0xCU, 0x0003, continuation},        // C0, C1: overlong
    {1U << 0xEU, 1U << 0U, 0x0300},            // E0 80..9F: overlong
    {1U << 0xEU, 1U << 0xDU, 0x0C00},          // ED A0..BF: surrogates
    {1U << 0xFU, 0xFFE1, 0x0100},              // F0 80..8F: overlong; F5.. 80..8F: above U+10FFFF
    {1U << 0xFU, 0xFFF0, 0x0E00},              // F4.. 90..BF: above U+10FFFF
    {continuation, any_nibble, continuation},  // two continuations
}};
/// For each nibble the reasons that it allows.
constexpr auto reasons_of(std::uint16_t WrongPair::* set) {
  std::array<std::uint8_t, 16> out{};
  for (std::size_t nibble = 0; nibble < 16; ++nibble) {
    for (std::size_t i = 0; i < wrong_pairs.size(); ++i) {
      if (((wrong_pairs[i].*set >> nibble) & 1U) != 0)
        out[nibble] = static_cast<std::uint8_t>(out[nibble] | 1U << i);
    }
  }
  return out;
}
alignas(16) constexpr auto first_high_reasons = reasons_of(&WrongPair::first_high);
alignas(16) constexpr auto first_low_reasons = reasons_of(&WrongPair::first_low);
alignas(16) constexpr auto second_high_reasons = reasons_of(&WrongPair::second_high);

#define TENON_AVX2 __attribute__((target("avx2,prfchw")))

TENON_AVX2 inline __m256i load32(const std::uint8_t* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
TENON_AVX2 inline void store32(std::uint8_t* at, __m256i v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), v);
}
TENON_AVX2 inline __m256i look_up(const std::array<std::uint8_t, 16>& table, __m256i nibbles) {
  const auto t =
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table.data())));
  return _mm256_shuffle_epi8(t, nibbles);
}
TENON_AVX2 inline __m256i high_nibbles(__m256i v) {
  return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
}

/// Not zero where 32 bytes are wrong after the 32 before them. What lacks its end is not seen.
TENON_AVX2 inline __m256i wrong_utf8(__m256i before, __m256i now) {
  const __m256i middle = _mm256_permute2x128_si256(before, now, 0x21);
  const __m256i back1 = _mm256_alignr_epi8(now, middle, 15);
  const __m256i back2 = _mm256_alignr_epi8(now, middle, 14);
  const __m256i back3 = _mm256_alignr_epi8(now, middle, 13);
  const __m256i pair = _mm256_and_si256(
      _mm256_and_si256(look_up(first_high_reasons, high_nibbles(back1)),
                       look_up(first_low_reasons, _mm256_and_si256(back1, _mm256_set1_epi8(0x0F)))),
      look_up(second_high_reasons, high_nibbles(now)));
  // The high bit where a third or fourth byte is due: there must be two continuations, nowhere
  // else.
  const __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xE0 - 0x80));
  const __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xF0 - 0x80));
  const __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(-0x80));
  return _mm256_xor_si256(due, pair);
}

/// Whether a sequence that began before `at` goes on there.
bool is_cut(const std::uint8_t* at) {
  return at[-1] >= 0xC0 || at[-2] >= 0xE0 || at[-3] >= 0xF0;
}

/// Checks, and copies, as many blocks as are right. The last sequence in them may lack its end.
template <bool Copy>
TENON_AVX2 std::size_t utf8_blocks(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
  // Lines that will be written are asked for so far ahead.
  constexpr std::size_t ahead = 2048;
  __m256i before = _mm256_setzero_si256();
  std::size_t i = 0;
  while (i + 64 <= size) {
    const __m256i a = load32(from + i);
    const __m256i b = load32(from + i + 32);
    const bool ascii = _mm256_movemask_epi8(_mm256_or_si256(a, b)) == 0;
    if (ascii && i != 0 && is_cut(from + i)) return i;
    if (!ascii) {
      const __m256i wrong = _mm256_or_si256(wrong_utf8(before, a), wrong_utf8(a, b));
      if (_mm256_testz_si256(wrong, wrong) == 0) return i;
    }
    if constexpr (Copy) {
      store32(to + i, a);
      store32(to + i + 32, b);
    }
    before = b;
    i += 64;
    if (!ascii) continue;
    for (; i + 128 <= size; i += 128) {
      const __m256i v[4] = {load32(from + i), load32(from + i + 32), load32(from + i + 64),
                            load32(from + i + 96)};
      const __m256i all = _mm256_or_si256(_mm256_or_si256(v[0], v[1]), _mm256_or_si256(v[2], v[3]));
      if (_mm256_movemask_epi8(all) != 0) break;
      if constexpr (Copy) {
        __builtin_prefetch(to + i + ahead, 1);
        __builtin_prefetch(to + i + ahead + 64, 1);
        for (std::size_t k = 0; k < 4; ++k) store32(to + i + 32 * k, v[k]);
      }
    }
  }
  return i;
}

#undef TENON_AVX2

/// Shorter texts are checked before the wide registers would be ready.
constexpr std::size_t worth_blocks = 64;

#endif

/// Bytes from the start that are well-formed and copied (if so asked), in whole sequences.
template <bool Copy>
std::size_t utf8_prefix([[maybe_unused]] std::uint8_t* to,
                        [[maybe_unused]] std::span<const std::uint8_t> bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= worth_blocks && __builtin_cpu_supports("avx2")) {
    const std::size_t done = utf8_blocks<Copy>(to, bytes.data(), bytes.size());
    // The last sequence may go on behind the blocks: back to where it begins.
    for (std::size_t back = 1; back <= 3 && back <= done; ++back) {
      if ((bytes[done - back] & 0xC0U) != 0x80U) return done - back;
    }
    return done;
  }
#endif
  return 0;
}

}  // namespace

std::optional<std::size_t> utf8_error(std::span<const std::uint8_t> bytes) {
  return utf8_error_from(bytes, utf8_prefix<false>(nullptr, bytes));
}

std::optional<std::size_t> copy_utf8(std::uint8_t* to, std::span<const std::uint8_t> bytes) {
  const std::size_t done = utf8_prefix<true>(to, bytes);
  if (done != bytes.size()) std::memcpy(to + done, bytes.data() + done, bytes.size() - done);
  return utf8_error_from(bytes, done);
}

bool is_utf8(std::string_view text) {
  return is_utf8(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

char32_t next_scalar(std::string_view text, std::size_t& at) {
  assert(at < text.size());
  const std::span rest(reinterpret_cast<const std::uint8_t*>(text.data()) + at, text.size() - at);
  if (rest[0] < 0x80) {
    ++at;
    return rest[0];
  }
  // Callers have looked at most texts already; those of a host may be anything.
  const std::size_t length = sequence_length(rest);
  if (length == 0) {
    ++at;
    return 0xFFFD;
  }
  char32_t value = rest[0] & (0xFFU >> (length + 1));
  for (std::size_t k = 1; k < length; ++k) value = (value << 6U) | (rest[k] & 0x3FU);
  at += length;
  return value;
}

void append_utf8(std::string& out, char32_t scalar) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0U | (scalar >> 6U));
    put(0x80U | (scalar & 0x3FU));
  } else if (scalar < 0x10000) {
    put(0xE0U | (scalar >> 12U));
    put(0x80U | ((scalar >> 6U) & 0x3FU));
    put(0x80U | (scalar & 0x3FU));
  } else {
    put(0xF0U | (scalar >> 18U));
    put(0x80U | ((scalar >> 12U) & 0x3FU));
    put(0x80U | ((scalar >> 6U) & 0x3FU));
    put(0x80U | (scalar & 0x3FU));
  }
}

std::u16string utf8_to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t scalar = next_scalar(text, at);
    if (scalar < 0x10000) {
      out.push_back(static_cast<char16_t>(scalar));
    } else {
      out.push_back(static_cast<char16_t>(0xD800U + ((scalar - 0x10000) >> 10U)));
      out.push_back(static_cast<char16_t>(0xDC00U + ((scalar - 0x10000) & 0x3FFU)));
    }
  }
  return out;
}

std::optional<std::string> utf16_to_utf8(std::span<const char16_t> units) {
  std::string out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    char32_t scalar = units[i];
    if (scalar >= 0xD800 && scalar <= 0xDFFF) {
      const bool paired = scalar <= 0xDBFF && i + 1 < units.size() && units[i + 1] >= 0xDC00 &&
                          units[i + 1] <= 0xDFFF;
      if (!paired) return std::nullopt;
      scalar = 0x10000 + ((scalar - 0xD800) << 10U) + (units[++i] - 0xDC00U);
    }
    append_utf8(out, scalar);
  }
  return out;
}

std::string latin1_to_utf8(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) append_utf8(out, byte);
  return out;
}

}  // namespace tenon
