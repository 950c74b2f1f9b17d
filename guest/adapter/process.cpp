// SPDX-License-Identifier: Apache-2.0
// Arguments, environment, exit, random bytes, and what 0.2 has nothing for.
#include "descriptors.h"
#include "errors.h"

namespace adapter {
namespace {

const List<String>& arguments() {
  State& s = state();
  if (!s.has_arguments) {
    s.has_arguments = true;
    const Into kept(s.kept);
    wasi_get_arguments(&s.arguments);
  }
  return s.arguments;
}

const List<Variable>& environment() {
  State& s = state();
  if (!s.has_environment) {
    s.has_environment = true;
    const Into kept(s.kept);
    wasi_get_environment(&s.environment);
  }
  return s.environment;
}

/// Copies a text and what ends it; returns what follows.
char* put(char* at, const String& text, char end) {
  copy(at, text.data, text.size);
  at[text.size] = end;
  return at + text.size + 1;
}

}  // namespace
}  // namespace adapter

using namespace adapter;

PREVIEW1(args_sizes_get)(uint32_t* count, uint32_t* size) {
  *count = 0;
  *size = 0;
  REFUSE_WHILE_ALLOCATING(Errno::success);
  const List<String>& list = arguments();
  *count = list.size;
  for (uint32_t i = 0; i < list.size; ++i) *size += list.data[i].size + 1;
  return Errno::success;
}

PREVIEW1(args_get)(char** argv, char* buffer) {
  REFUSE_WHILE_ALLOCATING(Errno::success);
  const List<String>& list = arguments();
  for (uint32_t i = 0; i < list.size; ++i) {
    argv[i] = buffer;
    buffer = put(buffer, list.data[i], '\0');
  }
  return Errno::success;
}

PREVIEW1(environ_sizes_get)(uint32_t* count, uint32_t* size) {
  *count = 0;
  *size = 0;
  REFUSE_WHILE_ALLOCATING(Errno::success);
  const List<Variable>& list = environment();
  *count = list.size;
  for (uint32_t i = 0; i < list.size; ++i)
    *size += list.data[i].name.size + list.data[i].value.size + 2;
  return Errno::success;
}

PREVIEW1(environ_get)(char** variables, char* buffer) {
  REFUSE_WHILE_ALLOCATING(Errno::success);
  const List<Variable>& list = environment();
  for (uint32_t i = 0; i < list.size; ++i) {
    variables[i] = buffer;
    buffer = put(put(buffer, list.data[i].name, '='), list.data[i].value, '\0');
  }
  return Errno::success;
}

PREVIEW1(random_get)(uint8_t* data, uint32_t size) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  // Hosts limit what one call gives.
  constexpr uint32_t most_at_once = 64 * 1024;
  while (size != 0) {
    const uint32_t part = least(size, most_at_once);
    Arena to = buffer(data, part);
    const Into into(to);
    List<uint8_t> got;
    wasi_random_bytes(part, &got);
    data += part;
    size -= part;
  }
  return Errno::success;
}

PREVIEW1(sched_yield)() {
  return Errno::success;
}

PREVIEW1(proc_raise)(uint32_t /*signal*/) {
  return Errno::notsup;
}

extern "C" __attribute__((export_name("proc_exit"))) void proc_exit(uint32_t code) {
  if constexpr (has_exit_codes) {
    // As a host does with the code of a module: eight bits are kept, and a failure stays one.
    const uint32_t kept = code & 255U;
    wasi_exit_with_code(kept == 0 && code != 0 ? 1 : kept);
  } else {
    wasi_exit(code == 0 ? 0 : 1);
  }
  __builtin_trap();
}

// The sockets of preview1 come from its host, and hosts of 0.2 give none.

namespace adapter {
namespace {
Errno no_socket(uint32_t fd) {
  REFUSE_WHILE_ALLOCATING(Errno::nosys);
  return find(fd) == nullptr ? Errno::badf : Errno::notsock;
}
}  // namespace
}  // namespace adapter

PREVIEW1(sock_accept)(uint32_t fd, uint32_t /*flags*/, uint32_t* /*out*/) {
  return no_socket(fd);
}

PREVIEW1(sock_recv)
(uint32_t fd, const Iovec* /*data*/, uint32_t /*size*/, uint32_t /*flags*/, uint32_t* /*read*/,
 uint16_t* /*out*/) {
  return no_socket(fd);
}

PREVIEW1(sock_send)
(uint32_t fd, const Iovec* /*data*/, uint32_t /*size*/, uint32_t /*flags*/, uint32_t* /*sent*/) {
  return no_socket(fd);
}

PREVIEW1(sock_shutdown)(uint32_t fd, uint32_t /*how*/) {
  return no_socket(fd);
}

#ifdef ADAPTER_COMMAND
/// `wasi:cli/run`: a program that fails says so by `proc_exit`.
extern "C" __attribute__((export_name("wasi:cli/run@0.2.0#run"))) uint32_t run() {
  main_start();
  return 0;
}
#endif
