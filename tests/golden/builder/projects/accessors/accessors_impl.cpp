#include "accessors.hpp"

namespace settings = accessors::example::accessors::settings;

struct Component {
  static inline std::uint8_t volume_ = 3;
  static std::uint8_t volume() { return volume_; }
  static void set_volume(std::uint8_t value) { volume_ = value; }
  static std::uint32_t next_limit() {
    settings::set_limit(settings::limit() + 1);
    return settings::limit() * accessors::scale();
  }

  struct shapes {
    static inline std::string label_;
    static std::string label() { return label_; }
    static void set_label(std::string value) { label_ = std::move(value); }

    struct canvas {
      static inline std::uint8_t depth_ = 9;
      std::uint32_t width_;
      explicit canvas(std::uint32_t width) : width_(width) {}
      std::uint32_t width() const { return width_; }
      void set_width(std::uint32_t value) { width_ = value; }
      std::expected<std::string, std::string> title() const { return std::unexpected("no title"); }
      std::expected<void, std::string> set_title(std::string) { return {}; }
      static std::uint8_t depth() { return depth_; }
      static void set_depth(std::uint8_t value) { depth_ = value; }
    };
  };
};

TENON_EXPORT_accessors(Component);
