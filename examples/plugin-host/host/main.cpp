// SPDX-License-Identifier: Apache-2.0
// Loads plugins one after the other. A plugin that imports `transform` is linked to the one before
// it.
//   plugin_host shout.wasm reverse.wasm TEXT
#include <cstdio>
#include <optional>

#include "tenon/base/source.h"
#include "tenon/runtime/embed.h"

namespace {

constexpr const char* transform = "local:plugins/transform@1.0.0";

int fail(const tenon::Error& error) {
  std::fputs(render(error, {}).c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: plugin_host PLUGIN… TEXT\n"), 2;
  tenon::Engine engine;
  tenon::Store store(engine);
  std::optional<tenon::Instance> last;
  for (int i = 1; i + 1 < argc; ++i) {
    const auto component = tenon::Component::from_file(engine, argv[i]);
    if (!component) return fail(component.error());
    tenon::Linker linker(engine);
    if (last) {
      if (const auto linked = linker.link(transform, *last, transform); !linked)
        return fail(linked.error());
    }
    const auto instance = linker.instantiate(store, *component);
    if (!instance) return fail(instance.error());
    last = *instance;
    const auto name = instance->get_typed_func<std::string()>(store, "name");
    const auto apply = instance->get_typed_func<std::string(std::string)>(store, "apply");
    if (!name) return fail(name.error());
    if (!apply) return fail(apply.error());
    std::printf("%s: %s\n", (*name)()->c_str(), (*apply)(argv[argc - 1])->c_str());
  }
  return 0;
}
