// SPDX-License-Identifier: Apache-2.0
// A text that resolves: printed and read again, encoded and decoded again, it stays the same.
// What is no such text is tried as a binary.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tenon/component/decode.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/load.h"
#include "tenon/wit/print.h"
#include "tenon/wit/to_component.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;
  SourceSet sources;
  Diagnostics diagnostics;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto packages = wit::load_text("fuzz.wit", text, {}, sources, diagnostics);
  if (!packages) {
    static_cast<void>(wit::wit_of_binary({data, size}));
    return 0;
  }
  const std::string printed = wit::print(*packages);
  const auto again = wit::load_text("printed.wit", printed, {}, sources, diagnostics);
  if (!again || wit::print(*again) != printed) std::abort();
  for (const wit::PackageIdx root : packages->roots) {
    const auto bytes = wit::encode_package(*packages, root);
    if (!bytes) continue;
    const auto component = component::decode(Blob::borrow(*bytes), core::Features::all());
    if (!component) std::abort();
    if (packages->packages[root].interfaces.empty() && packages->packages[root].worlds.empty())
      continue;
    const auto back = wit::from_component(*component);
    if (!back) std::abort();
  }
  return 0;
}
