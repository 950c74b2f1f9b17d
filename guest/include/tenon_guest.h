// SPDX-License-Identifier: Apache-2.0
// What generated C guest bindings stand on: core values as slots of 64 bits, and back.
#ifndef TENON_GUEST_H_
#define TENON_GUEST_H_  // no world's guard ends in `_`

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
#define TENON_GUEST_STATIC_ASSERT static_assert
#else
#define TENON_GUEST_STATIC_ASSERT _Static_assert
#endif

// A structure lies in a guest's memory as the canonical ABI wants it.
#ifdef __wasm32__
#define TENON_GUEST_LAYOUT(type, size, align)                                \
  TENON_GUEST_STATIC_ASSERT(sizeof(type) == (size), "the size of the type"); \
  TENON_GUEST_STATIC_ASSERT(__alignof__(type) == (align), "the alignment of the type")
#else
#define TENON_GUEST_LAYOUT(type, size, align) TENON_GUEST_STATIC_ASSERT(sizeof(type) != 0, "a type")
#endif

static inline void* tenon_guest_pointer(uint64_t slot) {
  return (void*)(uintptr_t)(uint32_t)slot;
}
static inline uint32_t tenon_guest_address(void* p) {
  return (uint32_t)(uintptr_t)p;
}
static inline float tenon_guest_f32(uint64_t slot) {
  const uint32_t bits = (uint32_t)slot;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
static inline double tenon_guest_f64(uint64_t slot) {
  double value;
  __builtin_memcpy(&value, &slot, sizeof value);
  return value;
}
static inline uint32_t tenon_guest_f32_bits(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline uint64_t tenon_guest_f64_bits(double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline size_t tenon_guest_length(const char* s) {
  size_t n = 0;
  while (s[n] != 0) ++n;
  return n;
}
static inline void* tenon_guest_copy(const void* from, size_t size) {
  if (size == 0) return NULL;
  void* const to = malloc(size);
  if (to == NULL) __builtin_trap();
  __builtin_memcpy(to, from, size);
  return to;
}

#endif  // TENON_GUEST_H_
