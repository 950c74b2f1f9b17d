// SPDX-License-Identifier: Apache-2.0
// The whole of a host, in less than twenty lines: `image_host_short image_processor.wasm`.
#include "image_processor_host.h"
namespace images = image_processor::exports::local::image_processor::processor;

int main(int argc, char** argv) {
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[argc - 1]);
  if (!component) return 1;
  tenon::Store store(engine);
  const auto world = image_processor::world::instantiate(store, *component);
  if (!world) return 1;
  const images::image picture{1920, 1080, std::vector<std::uint8_t>(1920UL * 1080 * 3)};
  const auto out = world->processor.resize(picture, 640, 480, images::format::jpeg);
  if (!out) return 1;  // it trapped
  const std::expected<images::image, images::resize_error>& resized = *out;
  return resized && resized->width == 640 && resized->height == 480 ? 0 : 1;
}
