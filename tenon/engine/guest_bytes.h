// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

// Copies within memories on behalf of a guest. Other threads may race on a shared memory: that is
// the guest's business, so where threads are checked these are not looked at, as handlers are not.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TENON_CHECKS_THREADS 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define TENON_CHECKS_THREADS 1
#endif

namespace tenon::engine {

#if defined(TENON_CHECKS_THREADS)
__attribute__((no_sanitize("thread"))) inline void guest_copy(std::uint8_t* dst,
                                                              const std::uint8_t* src,
                                                              std::uint64_t n) {
  volatile std::uint8_t* to = dst;
  const volatile std::uint8_t* from = src;
  if (dst <= src) {
    for (std::uint64_t i = 0; i < n; ++i) to[i] = from[i];
  } else {
    for (std::uint64_t i = n; i-- > 0;) to[i] = from[i];
  }
}
__attribute__((no_sanitize("thread"))) inline void guest_fill(std::uint8_t* dst, std::uint8_t value,
                                                              std::uint64_t n) {
  volatile std::uint8_t* to = dst;
  for (std::uint64_t i = 0; i < n; ++i) to[i] = value;
}
#else
inline void guest_copy(std::uint8_t* dst, const std::uint8_t* src, std::uint64_t n) {
  if (n != 0) std::memmove(dst, src, n);
}
inline void guest_fill(std::uint8_t* dst, std::uint8_t value, std::uint64_t n) {
  if (n != 0) std::memset(dst, value, n);
}
#endif

}  // namespace tenon::engine
