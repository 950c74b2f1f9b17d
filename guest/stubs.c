// SPDX-License-Identifier: Apache-2.0
// What keeps a small guest free of WASI imports: Debian's compiler-rt was built with the stack
// protector, and libc++ would print before it aborts. All weak; nothing of it stays when unused.
// Compiles as C and as C++.
#ifdef __cplusplus
extern "C" {
#endif

__attribute__((weak)) unsigned long __stack_chk_guard;
__attribute__((weak, noreturn)) void __stack_chk_fail(void) {
  __builtin_trap();
}
__attribute__((weak, noreturn)) void __abort_message(const char* format, ...) {
  (void)format;
  __builtin_trap();
}
// std::__libcpp_verbose_abort(const char*, ...), by its names in Debian's libc++ and in others.
#define TENON_VERBOSE_ABORT(name, symbol)                                             \
  __attribute__((weak, noreturn)) void name(const char* format, ...) __asm__(symbol); \
  __attribute__((weak, noreturn)) void name(const char* format, ...) {                \
    (void)format;                                                                     \
    __builtin_trap();                                                                 \
  }
TENON_VERBOSE_ABORT(tenon_verbose_abort_1, "_ZNSt3__122__libcpp_verbose_abortEPKcz")
TENON_VERBOSE_ABORT(tenon_verbose_abort_2, "_ZNSt3__222__libcpp_verbose_abortEPKcz")

#ifdef __cplusplus
}
#endif
