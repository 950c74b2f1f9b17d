// SPDX-License-Identifier: Apache-2.0
// Any text: the parser of components says yes or no; what is accepted and can be written as a
// binary prints to a text that parses to the same bytes and prints the same again.
#include <cstdlib>
#include <string>
#include <string_view>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/text/parse_component.h"
#include "tenon/text/print_component.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;  // NOLINT(google-build-using-namespace)
  const auto parsed = text::parse_component({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  const std::vector<std::uint8_t> bytes = component::encode(*parsed);
  // A text can hold what no binary may, such as components nested too deeply.
  const auto decoded = component::decode(Blob::borrow(bytes), core::Features::all());
  if (!decoded) return 0;
  if (component::encode(*decoded) != bytes) std::abort();
  const auto printed = text::print_component(*decoded);
  if (!printed) return 0;
  const auto again = text::parse_component(*printed);
  if (!again) std::abort();
  const std::vector<std::uint8_t> second = component::encode(*again);
  const auto reread = component::decode(Blob::borrow(second), core::Features::all());
  if (!reread) std::abort();
  const auto fixpoint = text::print_component(*reread);
  if (!fixpoint || *fixpoint != *printed) std::abort();
  return 0;
}
