// SPDX-License-Identifier: Apache-2.0
// Resizes a picture in the component, through typed bindings, and writes one that can be looked at.
//   image_host image_processor.wasm OUT.ppm
#include <chrono>
#include <cstdio>

#include "image_processor_host.h"
#include "picture.h"

namespace images = image_processor::exports::local::image_processor::processor;

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: image_host COMPONENT OUT.ppm\n"), 2;
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[1]);
  if (!component) return fail(component.error());
  tenon::Store store(engine);
  const auto world = image_processor::world::instantiate(store, *component);
  if (!world) return fail(world.error());

  const images::image picture{1920, 1080, draw(1920, 1080)};
  const auto begin = std::chrono::steady_clock::now();
  const auto out = world->processor.resize(picture, 640, 480, images::format::jpeg);
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  if (!out) return std::fprintf(stderr, "%s\n", out.error().text().c_str()), 1;
  if (!*out) return std::fprintf(stderr, "the component refused the picture\n"), 1;
  std::printf("1920x1080 -> %ux%u in %.0f ms: %s\n", (*out)->width, (*out)->height, taken.count(),
              argv[2]);
  return write_ppm(argv[2], (*out)->width, (*out)->height, (*out)->data) ? 0 : 1;
}
