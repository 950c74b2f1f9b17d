// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tenon/component/component.h"
#include "tenon/text/cursor.h"
#include "tenon/text/parse_types.h"

namespace tenon::text {

/// The thirteen index spaces by number: the component sorts first, then the core ones.
/// Spec: Explainer.md "Index Spaces".
inline constexpr std::size_t num_spaces = 13;
[[nodiscard]] std::size_t space_of(component::Sort sort);
[[nodiscard]] component::Sort sort_of_space(std::size_t space);
/// `func`, `core module`, …
[[nodiscard]] std::string_view sort_text(component::Sort sort);
/// The same without `core`: `func`, `module`, …
[[nodiscard]] std::string_view sort_word(component::Sort sort);
[[nodiscard]] std::optional<component::Sort> component_sort(std::string_view word);
[[nodiscard]] std::optional<component::CoreSort> core_sort(std::string_view word);

[[nodiscard]] constexpr component::Sort sort(component::SortKind kind) {
  return {kind, component::CoreSort::func};
}
[[nodiscard]] constexpr component::Sort sort(component::CoreSort core) {
  return {component::SortKind::core, core};
}

/// The error for a form that the text format has given up, with what is written in its place.
[[nodiscard]] Error old_syntax(Span span, std::string_view found, std::string_view written);

/// A result whose value is of no interest.
[[nodiscard]] inline Result<void> done(Result<std::uint32_t> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

/// A component, or a component, instance or module type, while its definitions are read.
struct Scope {
  enum class Kind : std::uint8_t { component, component_type, instance_type, module_type };
  Kind kind = Kind::component;
  std::optional<std::string_view> id;
  std::array<NameMap, num_spaces> names;
  std::array<std::uint32_t, num_spaces> counts{};
  /// The core types; their count and names are here and not above.
  TypeSpace core_types;
  /// How many of them are written out.
  std::uint32_t core_types_written = 0;
  /// Outer aliases made for identifiers: one for each thing they name.
  std::map<std::tuple<std::size_t, std::uint32_t, std::uint32_t>, std::uint32_t> outer_aliases;

  /// Where a component's types come from, as far as its text tells: for literals of values.
  struct TypeSource {
    enum class Kind : std::uint8_t { unknown, definition, same, outer };
    Kind kind = Kind::unknown;
    /// definition: its place among the definitions; same, outer: the type's index (in the scope
    /// `count` outward).
    std::uint32_t index = 0;
    std::uint32_t count = 0;
  };
  std::vector<TypeSource> type_sources;

  /// The one that goes with `kind`.
  std::vector<component::Definition>* definitions = nullptr;
  std::vector<component::Decl>* decls = nullptr;
  std::vector<component::CoreModuleDecl>* module_decls = nullptr;

  /// For the `component-name` section.
  struct Name {
    std::uint32_t index = 0;
    std::string_view name;
  };
  std::array<std::vector<Name>, num_spaces> bound;
};

/// The scopes around the current place, innermost last, and what can be done in the innermost.
class Scopes {
 public:
  /// With `legacy` references to core items may be written as before `core` was asked of them.
  explicit Scopes(Cursor& cursor, bool legacy) : c_(&cursor), legacy_(legacy) {}

  Scope& push(Scope::Kind kind, std::optional<std::string_view> id);
  void pop() { scopes_.pop_back(); }
  [[nodiscard]] Scope& top() { return scopes_.back(); }
  [[nodiscard]] std::size_t depth() const { return scopes_.size(); }

  /// The next index of a sort, bound to the identifier.
  [[nodiscard]] Result<std::uint32_t> bind(component::Sort sort, const std::optional<Id>& id);
  /// Writes a definition and gives its index.
  [[nodiscard]] Result<std::uint32_t> define_alias(component::Alias alias,
                                                   const std::optional<Id>& id, Span span);
  [[nodiscard]] Result<std::uint32_t> define_type(component::Type type, const std::optional<Id>& id,
                                                  Span span);
  [[nodiscard]] Result<std::uint32_t> define_core_type(component::CoreType type,
                                                       const std::optional<Id>& id, Span span);
  /// Names the core type that gets the index.
  [[nodiscard]] Result<void> name_core_type(const Id& id, std::uint32_t index);
  /// Writes the core types that the type parser added to the innermost scope, each as a group of
  /// one.
  void write_core_types(Span span);
  /// Writes one group or module type, which takes no index here.
  void write_core_group(component::CoreType type, Span span);
  void emit(component::DefinitionKind definition, Span span);
  /// Says where the type that the innermost component has under the index comes from.
  void note_type(std::uint32_t type, Scope::TypeSource source);
  /// A type's structure and the scope (counted from the outermost) in which its parts are named.
  struct ValueType {
    const component::DefValType* structure = nullptr;
    std::size_t scope = 0;
  };
  /// Nothing for a type that is not defined in the text's components, such as an instance's.
  [[nodiscard]] std::optional<ValueType> value_type(std::size_t scope, std::uint32_t type) const;

  /// `u32` or an identifier; one of an enclosing scope makes an outer alias.
  [[nodiscard]] Result<std::uint32_t> idx(component::Sort sort);
  /// What follows the sort in `(sort idx "name"*)`, and its `)`.
  [[nodiscard]] Result<std::uint32_t> idx_and_names(component::Sort sort);
  /// `idx` or `(sort idx "name"*)`, the sort with `core` before it when it is one; with `prefix`
  /// false it is without, as inside of `(core …)`.
  [[nodiscard]] Result<std::uint32_t> item(component::Sort sort, bool prefix = true);
  /// What follows the keyword in `(memory …)` and other options that name a core item:
  /// `idx` or `(core sort idx "name"*)`.
  [[nodiscard]] Result<std::uint32_t> option_item(component::Sort sort, std::string_view keyword);
  /// `(sort idx "name"*)` of whatever sort.
  [[nodiscard]] Result<component::SortIdx> extern_idx();
  [[nodiscard]] Result<component::CoreSortIdx> core_extern_idx();
  /// The number of scopes to leave: a number, or the identifier of an enclosing component.
  [[nodiscard]] Result<std::uint32_t> outer_count();
  /// An index in the scope `count` outward.
  [[nodiscard]] Result<std::uint32_t> outer_idx(component::Sort sort, std::uint32_t count);
  [[nodiscard]] std::optional<std::uint32_t> find_at(component::Sort sort, std::uint32_t count,
                                                     std::string_view name);

 private:
  [[nodiscard]] std::optional<std::uint32_t> find(Scope& scope, std::size_t space,
                                                  std::string_view name);
  /// Aliases of the export that each string names in turn, the first in the instance.
  [[nodiscard]] Result<std::uint32_t> project(component::Sort sort);
  [[nodiscard]] bool is_outer(component::Sort sort, std::string_view name);
  [[nodiscard]] std::optional<std::uint32_t> find_outer(component::Sort sort,
                                                        std::string_view name);

  Cursor* c_;
  bool legacy_;
  std::deque<Scope> scopes_;
};

}  // namespace tenon::text
