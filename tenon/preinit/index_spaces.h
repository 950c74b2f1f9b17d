// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/component/component.h"

namespace tenon::preinit {

/// The index spaces in which definitions come and go.
enum class Space : std::uint8_t { core_module, component, func, instance, core_func };
inline constexpr std::size_t space_count = 5;

/// The space that a definition adds an index to, of these.
[[nodiscard]] std::optional<Space> adds_to(const component::DefinitionKind& def);
[[nodiscard]] std::optional<Space> space_of(const component::Sort& sort);

/// Numbers that stay while definitions are added and removed: each definition of a component keeps
/// its number, and uses name these, until `renumber` puts indices in their place.
class IndexSpaces {
 public:
  /// Numbers a component and everything inside it: as its indices are.
  void adopt(component::Component& component);
  /// A number for a definition that will be in the component.
  [[nodiscard]] std::uint32_t add(const component::Component& component, Space space);

  /// A component's numbers, one for each definition that adds to a space; who moves definitions
  /// moves these along.
  using Numbers = std::vector<std::optional<std::pair<Space, std::uint32_t>>>;
  [[nodiscard]] Numbers& numbers(const component::Component& component) {
    return levels_.at(&component).numbers;
  }

  /// Lets every use of a number name another one of the same space, such as an export's what it
  /// exports. Within the component alone.
  void replace(component::Component& component, Space space, std::uint32_t from, std::uint32_t to);

  /// Removes definitions that something used when the component was adopted and nothing uses any
  /// more: core modules, components, aliases, canonical functions, and with `imports` the imports
  /// of functions and of instances. Then puts the real indices in place of the numbers.
  void finish(component::Component& component, bool imports);

 private:
  struct Level {
    Numbers numbers;
    std::array<std::uint32_t, space_count> next{};
    std::array<std::vector<std::uint32_t>, space_count> uses;
    /// Whether anything used it in the beginning.
    std::array<std::vector<bool>, space_count> used;
    std::array<std::vector<std::uint32_t>, space_count> index;
  };
  using Chain = std::vector<component::Component*>;

  void number(component::Component& component);
  void count(component::Component& component, Chain& chain);
  void note_used(component::Component& component);
  void remove_unused(component::Component& component, Chain& chain, bool imports);
  void renumber(component::Component& component, Chain& chain);
  static void rename(component::Custom& custom, const Level& level);
  void use(const component::Component& component, Space space, std::uint32_t number);
  [[nodiscard]] bool is_removable(const component::DefinitionKind& def, bool top,
                                  bool imports) const;

  std::unordered_map<const component::Component*, Level> levels_;
};

/// Adds `by` to every outer alias that leaves `component`: it was moved so many scopes inward.
void shift_outer(component::Component& component, std::uint32_t by);
/// Whether an outer alias leaves it.
[[nodiscard]] bool is_closed(component::Component& component);

}  // namespace tenon::preinit
