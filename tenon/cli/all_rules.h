// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "tenon/base/error.h"

namespace tenon::cli {

/// A rule with the room whose table it is in.
struct RoomRule {
  std::string_view room;
  Rule rule;
};
/// The rules of every room, room by room.
[[nodiscard]] std::span<const RoomRule> all_rules();

}  // namespace tenon::cli
