// SPDX-License-Identifier: Apache-2.0
// Pixels come raw: three or four bytes each, which the length of the data tells.
#include "image_processor.hpp"

#include <string>

#include "bilinear.hpp"

namespace types = image_processor::exports::local::image_processor::processor;

struct Processor {
  static std::expected<types::image, types::resize_error> resize(types::image src,
                                                                 std::uint32_t width,
                                                                 std::uint32_t height,
                                                                 types::format format) {
    using error = types::resize_error;
    if (format == types::format::webp) return std::unexpected(error(error::unsupported_format{}));
    if (src.width == 0 || src.height == 0 || width == 0 || height == 0) {
      return std::unexpected(error(error::invalid_size{"a side is zero"}));
    }
    const std::uint64_t pixels = std::uint64_t{src.width} * src.height;
    const std::uint64_t channels = src.data.size() / pixels;
    if (channels * pixels != src.data.size() || (channels != 3 && channels != 4)) {
      return std::unexpected(error(error::invalid_size{
          std::to_string(src.data.size()) + " bytes are no " + std::to_string(src.width) + "x" +
          std::to_string(src.height) + " pixels of 3 or 4 bytes"}));
    }
    if (std::uint64_t{width} * height > 0x1000'0000) {
      return std::unexpected(error(error::invalid_size{"more than 2^28 pixels are asked for"}));
    }
    return types::image{width, height,
                        bilinear(src.data, src.width, src.height, width, height,
                                 static_cast<std::uint32_t>(channels))};
  }
};

TENON_EXPORT_image_processor(Processor);
