// SPDX-License-Identifier: Apache-2.0
// The allocator that a host calls to put strings and lists into this component's memory.
// Spec: CanonicalABI.md "Canonical ABI Options" (realloc). Compiles as C and as C++.
#include <stddef.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

__attribute__((weak, export_name("cabi_realloc"))) void* cabi_realloc(void* old, size_t old_size,
                                                                      size_t align,
                                                                      size_t new_size) {
  (void)old_size;
  if (new_size == 0) return (void*)align;
  void* const p = realloc(old, new_size);
  if (p == NULL) __builtin_trap();
  return p;
}

#ifdef __cplusplus
}
#endif
