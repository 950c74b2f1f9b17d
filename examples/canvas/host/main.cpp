// SPDX-License-Identifier: Apache-2.0
// Draws on a canvas that lives in the component. The handle is dropped like any C++ object, and the
// component tells the host that the canvas is gone.
//   canvas_host canvas.wasm
#include <cstdio>

#include "painter_host.h"
#include "tenon/base/source.h"

namespace {

struct Host {
  void dropped(std::string name, std::uint32_t pixels) {
    std::printf("%s is gone, and %u pixels with it\n", name.c_str(), pixels);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: canvas_host COMPONENT\n"), 2;
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[1]);
  if (!component) return std::fputs(render(component.error(), {}).c_str(), stderr), 1;
  tenon::Store store(engine);
  Host host;
  auto world = painter::world::instantiate(store, *component, host);
  if (!world) return std::fputs(render(world.error(), {}).c_str(), stderr), 1;
  const auto& canvas = world->drawing.canvas;
  {
    const auto sketch = canvas.construct("sketch", 4, 3);
    if (!sketch) return std::fprintf(stderr, "%s\n", sketch.error().text().c_str()), 1;
    const auto drawn = canvas.set(*sketch, 1, 2, 0xFF0000);
    const auto outside = canvas.set(*sketch, 4, 0, 1);
    const auto pixel = canvas.get(*sketch, 1, 2);
    if (!drawn || !outside || !pixel || !*drawn || *outside || !*pixel) return 1;
    std::printf("a pixel is %06x; %s\n", **pixel, outside->error().c_str());
  }
  std::puts("done");
  return 0;
}
