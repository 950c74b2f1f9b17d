// SPDX-License-Identifier: Apache-2.0
#include "tenon/wasi/core/descriptor.h"

namespace tenon::wasi {

IoResult<std::size_t> Descriptor::read(ReadBuffers) {
  return fail(ErrorCode::bad_descriptor);
}

IoResult<std::size_t> Descriptor::write(WriteBuffers) {
  return fail(ErrorCode::bad_descriptor);
}

}  // namespace tenon::wasi
