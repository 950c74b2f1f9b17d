// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "preview1.h"
#include "wasi.h"

namespace adapter {

/// The number for an error-code of wasi:filesystem.
Errno errno_of(uint8_t code);

/// What a result without a value comes to.
template <class T>
Errno errno_of(const Outcome<T>& outcome) {
  return outcome.failed ? errno_of(outcome.code) : Errno::success;
}

/// What became of a stream: `success` when it has only ended. Drops the error. In a program with
/// files, the file system tells more about it.
Errno errno_of(const StreamError& error);

}  // namespace adapter
