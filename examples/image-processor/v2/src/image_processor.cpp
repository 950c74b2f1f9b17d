// SPDX-License-Identifier: Apache-2.0
// As 0.1.0, and masked areas are blackened before the picture is resized.
#include "image_processor.hpp"

#include <string>

#include "bilinear.hpp"

namespace types = image_processor::exports::local::image_processor::processor;

namespace {

template <class Rectangle>
void blacken(std::vector<std::uint8_t>& data, std::uint32_t width, std::uint32_t height,
             std::uint32_t channels, const Rectangle& area) {
  const std::uint32_t right = static_cast<std::uint32_t>(
      std::min(std::uint64_t{area.x} + area.width, std::uint64_t{width}));
  const std::uint32_t bottom = static_cast<std::uint32_t>(
      std::min(std::uint64_t{area.y} + area.height, std::uint64_t{height}));
  for (std::uint32_t y = area.y; y < bottom; ++y) {
    for (std::uint32_t x = area.x; x < right; ++x) {
      // The fourth byte of a pixel is its opacity and stays.
      for (std::uint32_t c = 0; c < 3; ++c) data[(std::size_t{y} * width + x) * channels + c] = 0;
    }
  }
}

}  // namespace

struct Processor {
  static std::expected<types::image, types::resize_error> resize(types::image src,
                                                                 std::uint32_t width,
                                                                 std::uint32_t height,
                                                                 types::format format) {
    using error = types::resize_error;
    if (format == types::format::webp) return std::unexpected(error(error::unsupported_format{}));
    const std::uint64_t pixels = std::uint64_t{src.width} * src.height;
    if (pixels == 0 || width == 0 || height == 0)
      return std::unexpected(error(error::invalid_size{"a side is zero"}));
    const std::uint64_t channels = src.data.size() / pixels;
    if (channels * pixels != src.data.size() || (channels != 3 && channels != 4)) {
      return std::unexpected(error(error::invalid_size{
          std::to_string(src.data.size()) + " bytes are no " + std::to_string(src.width) + "x" +
          std::to_string(src.height) + " pixels of 3 or 4 bytes"}));
    }
    if (std::uint64_t{width} * height > 0x1000'0000) {
      return std::unexpected(error(error::invalid_size{"more than 2^28 pixels are asked for"}));
    }
    const auto depth = static_cast<std::uint32_t>(channels);
    for (const auto& area : src.mask_area) blacken(src.data, src.width, src.height, depth, area);
    return types::image{
        width, height, bilinear(src.data, src.width, src.height, width, height, depth), {}};
  }
};

TENON_EXPORT_image_processor(Processor);
