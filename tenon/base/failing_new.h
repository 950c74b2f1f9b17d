// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "tenon/base/sanitizers.h"

// For tests of memory that runs out: `operator new` of the whole program, which fails when a test
// says so. One file of a test program includes this. TSan's own operators cannot be replaced: there
// it is empty.

#ifndef TENON_THREAD_SANITIZED

namespace tenon {

struct Allocations {
  /// Of this thread, until one fails; 0: none will.
  static inline thread_local long left = 0;

  static void* allocate(std::size_t size, std::size_t align) {
    if (left != 0) {
      --left;
      if (left == 0) return nullptr;
    }
    if (align <= alignof(std::max_align_t)) return std::malloc(size != 0 ? size : 1);
    return std::aligned_alloc(align, (size + align - 1) / align * align);
  }
  static void* allocate_or_throw(std::size_t size, std::size_t align) {
    if (void* p = allocate(size, align)) return p;
    throw std::bad_alloc();
  }
};

}  // namespace tenon

// NOLINTBEGIN(misc-definitions-in-headers): these must not be inline, and one file includes them
void* operator new(std::size_t size) {
  return tenon::Allocations::allocate_or_throw(size, 1);
}
void* operator new[](std::size_t size) {
  return tenon::Allocations::allocate_or_throw(size, 1);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return tenon::Allocations::allocate_or_throw(size, static_cast<std::size_t>(align));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return tenon::Allocations::allocate(size, 1);
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, const std::nothrow_t&) noexcept {
  std::free(p);
}
// NOLINTEND(misc-definitions-in-headers)

#endif
