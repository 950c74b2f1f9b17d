// SPDX-License-Identifier: Apache-2.0
// Any bytes: decode says yes or no, and what it takes is written back to a fixpoint.
#include <cstdlib>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;  // NOLINT(google-build-using-namespace)
  const auto component = component::decode(Blob::borrow({data, size}), core::Features::all());
  if (!component) return 0;
  const std::vector<std::uint8_t> first = component::encode(*component);
  const auto again = component::decode(Blob::borrow(first), core::Features::all());
  if (!again || component::encode(*again) != first) std::abort();
  return 0;
}
