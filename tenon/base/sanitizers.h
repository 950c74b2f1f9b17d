// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which sanitizers this is built with, for both compilers: TENON_ADDRESS_SANITIZED,
// TENON_THREAD_SANITIZED, and TENON_SANITIZED under either. Undefined where it is not so.

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ADDRESS_SANITIZED 1
#endif
#if __has_feature(thread_sanitizer)
#define TENON_THREAD_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TENON_ADDRESS_SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define TENON_THREAD_SANITIZED 1
#endif
#if defined(TENON_ADDRESS_SANITIZED) || defined(TENON_THREAD_SANITIZED)
#define TENON_SANITIZED 1
#endif
