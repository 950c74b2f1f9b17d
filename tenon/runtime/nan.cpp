// SPDX-License-Identifier: Apache-2.0
// NaNs of whole lists. Nearly no list has one: blocks are looked at as vectors, and only one that
// has a NaN is gone through float by float.
#include <cstring>

#include "tenon/runtime/lift_lower.h"

namespace tenon::runtime {
namespace {

constexpr std::size_t block_bytes = 256;

std::uint32_t canonical(std::uint32_t bits) {
  return canonicalize_nan32(bits);
}
std::uint64_t canonical(std::uint64_t bits) {
  return canonicalize_nan64(bits);
}

template <class Bits>
void each(std::uint8_t* at, std::uint64_t n) {
  for (; n != 0; --n, at += sizeof(Bits)) {
    Bits bits = 0;
    std::memcpy(&bits, at, sizeof(bits));
    bits = canonical(bits);
    std::memcpy(at, &bits, sizeof(bits));
  }
}

/// Whether a NaN is among the floats of a block.
template <class F, class Bits, std::size_t Bytes>
[[gnu::always_inline]] inline bool any_nan(const std::uint8_t* at) {
  using Vector [[gnu::vector_size(Bytes)]] = F;
  using Mask [[gnu::vector_size(Bytes)]] = decltype(Bits{} - Bits{});
  Mask any = {};
  for (std::size_t i = 0; i < block_bytes; i += Bytes) {
    Vector v;
    std::memcpy(&v, at + i, Bytes);
    const auto wrong = v != v;
    Mask mask;
    std::memcpy(&mask, &wrong, Bytes);
    any |= mask;
  }
  std::uint64_t words[Bytes / 8];
  std::memcpy(words, &any, Bytes);
  std::uint64_t all = 0;
  for (const auto word : words) all |= word;
  return all != 0;
}

template <class F, class Bits, std::size_t Bytes>
[[gnu::always_inline]] inline void blocks(std::uint8_t* at, std::uint64_t n) {
  constexpr std::uint64_t in_block = block_bytes / sizeof(F);
  for (; n >= in_block; n -= in_block, at += block_bytes) {
    if (any_nan<F, Bits, Bytes>(at)) [[unlikely]]
      each<Bits>(at, in_block);
  }
  each<Bits>(at, n);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void wide_f32s(std::uint8_t* at, std::uint64_t n) {
  blocks<float, std::uint32_t, 32>(at, n);
}
[[gnu::target("avx2")]] void wide_f64s(std::uint8_t* at, std::uint64_t n) {
  blocks<double, std::uint64_t, 32>(at, n);
}
#endif

}  // namespace

void canonicalize_f32s(std::uint8_t* at, std::uint64_t n) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return wide_f32s(at, n);
#endif
  blocks<float, std::uint32_t, 16>(at, n);
}

void canonicalize_f64s(std::uint8_t* at, std::uint64_t n) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return wide_f64s(at, n);
#endif
  blocks<double, std::uint64_t, 16>(at, n);
}

}  // namespace tenon::runtime
