// SPDX-License-Identifier: Apache-2.0
// Serves two tenants with one component. What it imports is found once; each store has its tenant's
// own host, and neither sees anything of the other.
//   canvas_tenants canvas.wasm
#include <cstdio>

#include "painter_host.h"

namespace {

/// The host of one tenant.
struct Tenant {
  const char* name;
  std::uint32_t pixels = 0;

  void dropped(const std::string&, std::uint32_t more) { pixels += more; }
};

int fail(const tenon::Error& error) {
  return std::fprintf(stderr, "%s\n", error.text().c_str()), 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: canvas_tenants COMPONENT\n"), 2;
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[1]);
  if (!component) return fail(component.error());
  tenon::Linker linker(engine);
  if (auto added = painter::add_world_to_linker<Tenant>(linker); !added) return fail(added.error());
  const auto pre = linker.instantiate_pre(*component);
  if (!pre) return fail(pre.error());
  std::uint32_t side = 2;
  for (const char* name : {"ann", "bob"}) {
    tenon::Store store(engine);
    const auto& tenant = store.emplace_extension<Tenant>(name);
    const auto instance = pre->instantiate(store);
    if (!instance) return fail(instance.error());
    const auto world = painter::world::bind(store, *instance);
    if (!world) return fail(world.error());
    for (int n = 0; n < 3; ++n) {
      auto sketch = world->drawing.canvas.construct("sketch", side, side);
      if (!sketch) return fail(sketch.error());
    }
    std::printf("%s drew %u pixels\n", tenant.name, tenant.pixels);
    ++side;
  }
  return 0;
}
