// SPDX-License-Identifier: Apache-2.0
// Where the adapter keeps what it knows, and where a host puts what it gives.
#pragma once

#include "preview1.h"
#include "wasi.h"

extern "C" {
// Of globals.s.
void* state_pointer();
void set_state_pointer(void*);
uint32_t allocation();
void set_allocation(uint32_t);
}

namespace adapter {

/// Some function of preview1 answers differently where there are no files, and in a command.
#ifdef ADAPTER_FILES
inline constexpr bool has_files = true;
#else
inline constexpr bool has_files = false;
#endif
#ifdef ADAPTER_COMMAND
inline constexpr bool is_command = true;
#else
inline constexpr bool is_command = false;
#endif
#ifdef ADAPTER_EXIT_CODES
inline constexpr bool has_exit_codes = true;
#else
inline constexpr bool has_exit_codes = false;
#endif

inline void copy(void* to, const void* from, size_t size) {
  __builtin_memcpy(to, from, size);
}
inline void clear(void* at, size_t size) {
  __builtin_memset(at, 0, size);
}
template <class T>
constexpr T least(T a, T b) {
  return a < b ? a : b;
}

template <class T>
constexpr T most(T a, T b) {
  return a < b ? b : a;
}

/// Memory of the program's own allocator, which is never given back. Traps when there is none left.
void* allocate(size_t size);

/// Hands out a buffer, or chunks of memory one after the other.
struct Arena {
  uint8_t* begin;
  uint8_t* last;
  uint8_t* next;
  uint8_t* end;
  /// Takes a new chunk when this one is full; otherwise that traps.
  bool grows;

  void* reallocate(void* old, size_t old_size, size_t align, size_t size);
};

struct Descriptor;
struct Reader;
struct ClosedFolder;

struct State {
  /// Where a host that is being called puts its lists.
  Arena* taker;
  /// What is kept for ever: arguments, environment, names of preopened directories.
  Arena kept;
  /// What is forgotten with the next call.
  Arena scratch;

  Descriptor* descriptors;
  uint32_t size;
  uint32_t capacity;
  /// No number below this one is free.
  uint32_t first_free;
  Reader* free_readers;
  /// Preopened directories that the program has closed.
  ClosedFolder* closed_folders;
  /// The program has asked for its preopened directories, or has given one another number.
  bool folders_read;
  bool folders_moved;
  /// They are those of an initialisation, and their handles must be fetched (release.cpp).
  bool must_bind;

  List<String> arguments;
  List<Variable> environment;
  bool has_arguments;
  bool has_environment;
};

/// The one state; made when it is first asked for.
State& state();

/// While this lives, a host puts its lists into an arena.
class Into {
 public:
  explicit Into(Arena& arena) : before_(state().taker) { state().taker = &arena; }
  ~Into() { state().taker = before_; }
  Into(const Into&) = delete;
  Into& operator=(const Into&) = delete;

 private:
  Arena* before_;
};

/// The scratch arena, emptied.
Arena& scratch();

/// A buffer of the program as an arena.
inline Arena buffer(uint8_t* data, size_t size) {
  return {data, nullptr, data, data + size, false};
}

}  // namespace adapter

/// The program's allocator may call WASI while the adapter asks it for its stack or memory: then
/// nothing but the registers can be used, and the answer is `error`.
#define REFUSE_WHILE_ALLOCATING(error) \
  if (allocation() == 1) return error
