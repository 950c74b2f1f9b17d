// SPDX-License-Identifier: Apache-2.0
// The adapter has no data of its own, so the table of error numbers is five constants of eight
// numbers each.
#include "errors.h"

#include "memory.h"

namespace adapter {
namespace {

/// By error-code, in the order of wasi:filesystem/types.
constexpr Errno numbers[40] = {
    Errno::acces,      Errno::again,          Errno::already, Errno::badf,        Errno::busy,
    Errno::deadlk,     Errno::dquot,          Errno::exist,   Errno::fbig,        Errno::ilseq,
    Errno::inprogress, Errno::intr,           Errno::inval,   Errno::io,          Errno::isdir,
    Errno::loop,       Errno::mlink,          Errno::msgsize, Errno::nametoolong, Errno::nodev,
    Errno::noent,      Errno::nolck,          Errno::nomem,   Errno::nospc,       Errno::notdir,
    Errno::notempty,   Errno::notrecoverable, Errno::notsup,  Errno::notty,       Errno::nxio,
    Errno::overflow,   Errno::perm,           Errno::pipe,    Errno::rofs,        Errno::spipe,
    Errno::txtbsy,     Errno::xdev,           Errno::io,      Errno::io,          Errno::io,
};

consteval uint64_t eight(int from) {
  uint64_t out = 0;
  for (int i = 0; i < 8; ++i) out |= static_cast<uint64_t>(numbers[from + i]) << (8 * i);
  return out;
}

}  // namespace

Errno errno_of(uint8_t code) {
  uint64_t numbers_of = eight(32);
  if (code < 8) {
    numbers_of = eight(0);
  } else if (code < 16) {
    numbers_of = eight(8);
  } else if (code < 24) {
    numbers_of = eight(16);
  } else if (code < 32) {
    numbers_of = eight(24);
  }
  return static_cast<Errno>((numbers_of >> (8U * (code & 7U))) & 0xFFU);
}

Errno errno_of(const StreamError& error) {
  if (error.is_closed != 0) return Errno::success;
  Errno out = Errno::io;
  if constexpr (has_files) {
    MaybeCode code;
    wasi_error_code(error.error, &code);
    if (code.has) out = errno_of(code.value);
  }
  wasi_drop_error(error.error);
  return out;
}

}  // namespace adapter
