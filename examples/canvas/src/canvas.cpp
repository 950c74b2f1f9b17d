// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "painter.hpp"

namespace drawing = painter::exports::local::canvas::drawing;
namespace notices = painter::local::canvas::notices;

struct Painter {
  /// What a handle of the host stands for. It goes when the last handle goes.
  struct canvas {
    canvas(std::string name, std::uint32_t width, std::uint32_t height)
        : name_(std::move(name)),
          width_(width),
          height_(height),
          pixels_(std::size_t{width} * height) {}
    ~canvas() { notices::dropped(name_, static_cast<std::uint32_t>(pixels_.size())); }

    std::uint32_t width() const { return width_; }
    std::uint32_t height() const { return height_; }

    std::expected<void, std::string> set(std::uint32_t x, std::uint32_t y, std::uint32_t color) {
      if (x >= width_ || y >= height_) {
        return std::unexpected(std::to_string(x) + "," + std::to_string(y) + " is outside of " +
                               std::to_string(width_) + "x" + std::to_string(height_));
      }
      pixels_[std::size_t{y} * width_ + x] = color;
      return {};
    }

    std::optional<std::uint32_t> get(std::uint32_t x, std::uint32_t y) const {
      if (x >= width_ || y >= height_) return std::nullopt;
      return pixels_[std::size_t{y} * width_ + x];
    }

    static drawing::canvas filled(std::string name, std::uint32_t width, std::uint32_t height,
                                  std::uint32_t color) {
      auto made = drawing::canvas::make<canvas>(std::move(name), width, height);
      made.get<canvas>().pixels_.assign(std::size_t{width} * height, color);
      return made;
    }

   private:
    std::string name_;
    std::uint32_t width_;
    std::uint32_t height_;
    std::vector<std::uint32_t> pixels_;
  };
};

TENON_EXPORT_painter(Painter);
