// SPDX-License-Identifier: Apache-2.0
// The second document's host, without a copy in or out: `resize image_processor.wasm`.
#include "image.h"

int main(int argc, char** argv) {
  tenon::Engine engine;
  const auto component = tenon::Component::from_file(engine, argv[argc - 1]);
  if (!component) return 1;
  tenon::Store store(engine);
  const auto instance = tenon::Linker(engine).instantiate(store, *component);
  if (!instance) return 1;
  const auto resize = instance->get_typed_func<Resize>(store, "resize");
  if (!resize) return 1;
  auto draw = [](std::span<std::uint8_t> pixels) { draw_ramp(pixels, 1920); };
  const Image picture{1920, 1080, {1920 * 1080 * 3, draw}};
  const auto result = resize->call_view(picture, 640, 480, Format::png);
  if (!result || !**result) return 1;
  const Resized& image = ***result;
  return is_ramp(image, 640, 480) && store.copied_bytes() == 0 ? 0 : 1;
}
