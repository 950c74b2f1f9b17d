// SPDX-License-Identifier: Apache-2.0
// Any bytes: decode says yes or no, and what it takes is written back to a fixpoint.
#include "tenon/core/decode.h"

#include <cstdlib>

#include "tenon/core/encode.h"
#include "tenon/core/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;  // NOLINT(google-build-using-namespace)
  const auto module = core::decode(Blob::borrow({data, size}), core::Features::all());
  if (!module) return 0;
  for (const core::CustomSection& section : module->customs) {
    static_cast<void>(core::read_names(*module, section));
    static_cast<void>(core::read_producers(*module, section));
    static_cast<void>(core::read_branch_hints(*module, section));
  }
  const std::vector<std::uint8_t> first = core::encode(*module);
  const auto again = core::decode(Blob::borrow(first), core::Features::all());
  if (!again || core::encode(*again) != first) std::abort();
  return 0;
}
