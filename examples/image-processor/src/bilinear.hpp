// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Which two source samples a destination sample lies between, and how far from the first, in
/// 1/256.
struct Tap {
  std::uint32_t first;
  std::uint32_t second;
  std::uint32_t weight;
};

/// Sample centres of the destination mapped on the source; the edge is repeated.
inline std::vector<Tap> taps(std::uint32_t from, std::uint32_t to) {
  std::vector<Tap> out;
  out.reserve(to);
  const double step = static_cast<double>(from) / to;
  for (std::uint32_t i = 0; i < to; ++i) {
    const double at = std::clamp((i + 0.5) * step - 0.5, 0.0, static_cast<double>(from - 1));
    const auto first = static_cast<std::uint32_t>(at);
    out.push_back({first, std::min(first + 1, from - 1),
                   static_cast<std::uint32_t>((at - first) * 256 + 0.5)});
  }
  return out;
}

/// Bilinear interpolation of rows of pixels with `channels` bytes each.
inline std::vector<std::uint8_t> bilinear(std::span<const std::uint8_t> source, std::uint32_t width,
                                          std::uint32_t height, std::uint32_t new_width,
                                          std::uint32_t new_height, std::uint32_t channels) {
  const std::vector<Tap> columns = taps(width, new_width);
  const std::vector<Tap> rows = taps(height, new_height);
  std::vector<std::uint8_t> out;
  out.reserve(std::size_t{new_width} * new_height * channels);
  for (const Tap& row : rows) {
    const std::uint8_t* above = source.data() + std::size_t{row.first} * width * channels;
    const std::uint8_t* below = source.data() + std::size_t{row.second} * width * channels;
    for (const Tap& column : columns) {
      for (std::uint32_t c = 0; c < channels; ++c) {
        const std::uint32_t left = column.first * channels + c;
        const std::uint32_t right = column.second * channels + c;
        const std::uint32_t top =
            above[left] * (256 - column.weight) + above[right] * column.weight;
        const std::uint32_t bottom =
            below[left] * (256 - column.weight) + below[right] * column.weight;
        out.push_back(static_cast<std::uint8_t>(
            (top * (256 - row.weight) + bottom * row.weight + 32768) >> 16));
      }
    }
  }
  return out;
}
