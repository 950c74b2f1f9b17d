// SPDX-License-Identifier: Apache-2.0
// Any text: lexed, parsed and resolved, and when it is well formed laid out, twice to the same end.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tenon/wit/fmt.h"
#include "tenon/wit/lint.h"
#include "tenon/wit/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SourceSet sources;
  Diagnostics diagnostics;
  const auto packages = wit::load_text("fuzz.wit", std::string(text), {}, sources, diagnostics);
  if (packages) wit::lint(*packages, sources, diagnostics);
  for (const Error& error : diagnostics.all()) static_cast<void>(render(error, sources));
  Diagnostics format_errors;
  const auto once = wit::format(text, 0, format_errors);
  if (!once) return 0;
  const auto twice = wit::format(*once, 0, format_errors);
  if (!twice || *twice != *once) std::abort();
  return 0;
}
