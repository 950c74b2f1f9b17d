// SPDX-License-Identifier: Apache-2.0
// Beside the point of the example: a picture to begin with, and a file to look at.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "tenon/base/source.h"

/// Rings over a gradient, three bytes a pixel.
inline std::vector<std::uint8_t> draw(std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint8_t> data;
  data.reserve(std::size_t{width} * height * 3);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const double distance = std::hypot(x - width / 2.0, y - height / 2.0);
      const auto ring = static_cast<std::uint8_t>(127.5 + 127.5 * std::cos(distance / 24));
      data.push_back(static_cast<std::uint8_t>(255 * x / width));
      data.push_back(ring);
      data.push_back(static_cast<std::uint8_t>(255 * y / height));
    }
  }
  return data;
}

/// Portable pixmap, which any viewer opens.
inline bool write_ppm(const char* path, std::uint32_t width, std::uint32_t height,
                      const std::vector<std::uint8_t>& data) {
  std::FILE* file = std::fopen(path, "wb");
  if (file == nullptr) return std::perror(path), false;
  std::fprintf(file, "P6\n%u %u\n255\n", width, height);
  const bool whole = std::fwrite(data.data(), 1, data.size(), file) == data.size();
  return std::fclose(file) == 0 && whole;
}

inline int fail(const tenon::Error& error) {
  std::fputs(tenon::render(error, {}).c_str(), stderr);
  return 1;
}
