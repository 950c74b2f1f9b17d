// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/base/bytes.h"

namespace tenon::text {

/// The content of a name section, subsection by subsection.
/// Spec: core/appendix/custom "Name Section"; the proposal `extended-name-section`.
class NameSection {
 public:
  enum class Kind : std::uint8_t {
    module = 0,
    func = 1,
    local = 2,
    label = 3,
    type = 4,
    table = 5,
    memory = 6,
    global = 7,
    elem = 8,
    data = 9,
    field = 10,
    tag = 11,
  };
  static constexpr std::size_t num_kinds = 12;

  void set_module(std::string name) {
    module_ = std::move(name);
    has_module_ = true;
  }
  /// Names must come in order of their index within a kind.
  void add(Kind kind, std::uint32_t index, std::string name) {
    flat_[static_cast<std::size_t>(kind)].push_back({0, index, std::move(name)});
  }
  /// For local, label and field: the function or type first.
  void add(Kind kind, std::uint32_t outer, std::uint32_t index, std::string name) {
    flat_[static_cast<std::size_t>(kind)].push_back({outer, index, std::move(name)});
  }
  [[nodiscard]] bool empty() const;
  /// The section's content, without its name.
  void encode(Writer& out) const;

 private:
  struct Entry {
    std::uint32_t outer = 0;
    std::uint32_t index = 0;
    std::string name;
  };
  static bool is_indirect(Kind kind) {
    return kind == Kind::local || kind == Kind::label || kind == Kind::field;
  }

  std::string module_;
  bool has_module_ = false;
  std::array<std::vector<Entry>, num_kinds> flat_;
};

}  // namespace tenon::text
