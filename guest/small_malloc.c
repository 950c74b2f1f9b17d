// SPDX-License-Identifier: Apache-2.0
// An allocator for guests that want to stay small (about half a kilobyte): blocks of powers of two,
// one free list for each. Takes the place of the C library's malloc when it is linked.
// Compiles as C and as C++.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

extern unsigned char __heap_base;

// A block's header; the memory behind it is aligned to 16 bytes.
struct tenon_block {
  struct tenon_block* next;  // while it is free
  uint32_t order;            // it is 1 << order bytes, header included
  uint64_t unused;
};

static struct tenon_block* tenon_free_blocks[32];
static uintptr_t tenon_heap_at;
static uintptr_t tenon_heap_end;

static struct tenon_block* tenon_grow(uint32_t order) {
  const uintptr_t size = (uintptr_t)1 << order;
  if (tenon_heap_at == 0) {
    tenon_heap_at = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    tenon_heap_end = __builtin_wasm_memory_size(0) << 16;
  }
  if (tenon_heap_end - tenon_heap_at < size) {
    const uintptr_t pages = (size - (tenon_heap_end - tenon_heap_at) + 0xFFFF) >> 16;
    const size_t old = __builtin_wasm_memory_grow(0, pages);
    if (old == SIZE_MAX) return NULL;
    // Somebody else grew the memory: what lies between is theirs.
    if ((old << 16) != tenon_heap_end) tenon_heap_at = old << 16;
    tenon_heap_end = (old + pages) << 16;
    if (tenon_heap_end - tenon_heap_at < size) return tenon_grow(order);
  }
  struct tenon_block* const block = (struct tenon_block*)tenon_heap_at;
  tenon_heap_at += size;
  block->order = order;
  return block;
}

void* malloc(size_t size) {
  if (size > ((size_t)1 << 30)) return NULL;
  const uint32_t order =
      32 - (uint32_t)__builtin_clz((uint32_t)(size + sizeof(struct tenon_block) - 1));
  struct tenon_block* block = tenon_free_blocks[order];
  if (block != NULL) {
    tenon_free_blocks[order] = block->next;
  } else {
    block = tenon_grow(order);
    if (block == NULL) return NULL;
  }
  return block + 1;
}

void free(void* memory) {
  if (memory == NULL) return;
  struct tenon_block* const block = (struct tenon_block*)memory - 1;
  block->next = tenon_free_blocks[block->order];
  tenon_free_blocks[block->order] = block;
}

void* realloc(void* memory, size_t size) {
  if (memory == NULL) return malloc(size);
  const size_t room =
      ((size_t)1 << ((struct tenon_block*)memory - 1)->order) - sizeof(struct tenon_block);
  if (size <= room) return memory;
  void* const moved = malloc(size);
  if (moved == NULL) return NULL;
  __builtin_memcpy(moved, memory, room);
  free(memory);
  return moved;
}

void* calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void* const memory = malloc(bytes);
  if (memory != NULL) __builtin_memset(memory, 0, bytes);
  return memory;
}

void* aligned_alloc(size_t align, size_t size) {
  return align <= 16 ? malloc(size) : NULL;
}

int posix_memalign(void** memory, size_t align, size_t size) {
  *memory = aligned_alloc(align, size);
  return *memory == NULL ? 12 : 0;
}

#ifdef __cplusplus
}
#endif
