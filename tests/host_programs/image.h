// SPDX-License-Identifier: Apache-2.0
// The C++ side of the interface `processor`, and a picture to try it with.
#pragma once

#include "tenon/runtime/embed.h"

/// A picture to pass: its pixels are written where the guest wants them.
struct Image {
  std::uint32_t width;
  std::uint32_t height;
  tenon::Fill<std::uint8_t> data;
};
template <>
inline constexpr auto tenon::members<Image> =
    std::tuple(tenon::member("width", &Image::width), tenon::member("height", &Image::height),
               tenon::member("data", &Image::data));

/// A picture that came back: its pixels where the guest has them.
struct Resized {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::span<const std::uint8_t> data;
};
template <>
inline constexpr auto tenon::members<Resized> =
    std::tuple(tenon::member("width", &Resized::width), tenon::member("height", &Resized::height),
               tenon::member("data", &Resized::data));

enum class Format : std::uint8_t { jpeg, png, webp };
template <>
inline constexpr auto tenon::enum_labels<Format> =
    std::array<std::string_view, 3>{"jpeg", "png", "webp"};

/// invalid-size(string), unsupported-format.
using ResizeError = std::variant<std::string, std::monostate>;
using Resize = std::expected<Resized, ResizeError>(Image, std::uint32_t, std::uint32_t, Format);

/// Every row goes from dark to light.
inline void draw_ramp(std::span<std::uint8_t> pixels, std::size_t width) {
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(i / 3 % width * 255 / (width - 1));
}
/// Whether a picture is such a one, give and take a step.
inline bool is_ramp(const Resized& image, std::uint32_t width, std::uint32_t height) {
  if (image.width != width || image.height != height ||
      image.data.size() != std::size_t{width} * height * 3) {
    return false;
  }
  std::vector<std::uint8_t> wanted(image.data.size());
  draw_ramp(wanted, width);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] > image.data[i] + 1 || image.data[i] > wanted[i] + 1) return false;
  }
  return true;
}
