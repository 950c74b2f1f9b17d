// SPDX-License-Identifier: Apache-2.0
// The small allocator in the place of the C library's, with a count of the blocks that live.
#pragma once
#define malloc small_malloc
#define free small_free
#define realloc small_realloc
#define calloc small_calloc
#define aligned_alloc small_aligned_alloc
#define posix_memalign small_posix_memalign
#include "small_malloc.c"
#undef malloc
#undef free
#undef realloc
#undef calloc
#undef aligned_alloc
#undef posix_memalign

#ifdef __cplusplus
extern "C" {
#endif

static uint32_t counted_blocks;

static void* counted(void* block) {
  if (block != NULL) ++counted_blocks;
  return block;
}
void* malloc(size_t size) {
  return counted(small_malloc(size));
}
void* calloc(size_t count, size_t size) {
  return counted(small_calloc(count, size));
}
void* aligned_alloc(size_t align, size_t size) {
  return counted(small_aligned_alloc(align, size));
}
void* realloc(void* block, size_t size) {
  return block == NULL ? malloc(size) : small_realloc(block, size);
}
int posix_memalign(void** block, size_t align, size_t size) {
  *block = aligned_alloc(align, size);
  return *block == NULL ? 12 : 0;
}
void free(void* block) {
  if (block != NULL) --counted_blocks;
  small_free(block);
}

#ifdef __cplusplus
}
#endif
