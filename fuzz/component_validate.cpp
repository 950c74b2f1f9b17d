// SPDX-License-Identifier: Apache-2.0
// Any bytes: validation says yes or no, and what is valid stays so when it is written and read
// again.
#include <cstdlib>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;  // NOLINT(google-build-using-namespace)
  const core::Features features = core::Features::all();
  auto component = component::decode(Blob::borrow({data, size}), features);
  if (!component) return 0;
  const auto valid = component::validate(std::move(*component), features);
  if (!valid) return 0;
  const std::vector<std::uint8_t> bytes = component::encode(**valid);
  auto again = component::decode(Blob::borrow(bytes), features);
  if (!again || !component::validate(std::move(*again), features)) std::abort();
  return 0;
}
