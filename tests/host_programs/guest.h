// SPDX-License-Identifier: Apache-2.0
// What a guest in C writes by hand when it has neither bindings nor a C library: exports by their
// core names, and an allocator.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(name)))

// The linker's: where free memory begins.
extern u8 __heap_base;
static u32 top;

// Forward only; post-return begins again.
EXPORT("cabi_realloc") void* cabi_realloc(void* old, u32 old_size, u32 align, u32 size) {
  if (top == 0) top = (u32)&__heap_base;
  const u32 at = (top + align - 1) & ~(align - 1);
  if (size > 0xFFFFFFFFu - at) __builtin_trap();
  const u32 pages = __builtin_wasm_memory_size(0);
  const u64 wanted = ((u64)at + size + 0xFFFF) >> 16;
  if (wanted > pages && __builtin_wasm_memory_grow(0, (u32)wanted - pages) == ~0u) __builtin_trap();
  top = at + size;
  u8* to = (u8*)at;
  for (u32 i = 0; i < old_size && i < size; ++i) to[i] = ((const u8*)old)[i];
  return to;
}
static void free_all(void) {
  top = 0;
}
