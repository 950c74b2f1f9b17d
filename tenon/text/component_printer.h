// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tenon/component/component.h"
#include "tenon/text/component_scope.h"
#include "tenon/text/print_module.h"
#include "tenon/text/print_names.h"
#include "tenon/text/text_writer.h"

namespace tenon::text {

/// Prints components. Private to print_component.cpp and print_component_types.cpp.
class ComponentPrinter {
 public:
  ComponentPrinter(TextWriter& out, const PrintOptions& options) : out_(out), options_(options) {}

  /// A component, its parentheses included; `bound` is ` $id (;index;)` in the one around it.
  Result<void> component(const component::Component& component, std::string_view bound);

 private:
  /// A component or a type that declares things: how many there are, and their identifiers.
  struct Level {
    std::array<std::uint32_t, num_spaces> counts{};
    std::array<Ids, num_spaces> ids;
    std::optional<std::string> name;
    /// The last definition is the name section, and said by identifiers.
    bool names_printed = false;
  };

  static void find_names(const component::Component& component, Level& level);
  Result<void> definitions(const component::Component& component);
  Result<void> module(const core::Module& module);

  void definition(const component::Custom& custom);
  void definition(const component::CoreInstance& instance);
  void definition(const component::CoreType& type);
  void definition(const component::Instance& instance);
  void definition(const component::Alias& alias);
  void definition(const component::Type& type);
  void definition(const component::Canon& canon);
  void definition(const component::Start& start);
  void definition(const component::Import& import);
  void definition(const component::Export& e);
  void definition(const component::Value& value);

  // print_component_types.cpp
  void val_type(component::ValType type);
  void optional_type(std::string_view word, const std::optional<component::ValType>& type);
  void labels(std::string_view word, const std::vector<std::string>& labels);
  void labelled(std::string_view word, const std::string& label,
                const std::optional<component::ValType>& type);
  void types(std::string_view word, std::span<const component::ValType> types);
  void handle(std::string_view word, component::TypeIdx resource);
  void result_type(const component::ResultType& result);
  void def_val_type(const component::DefValType& type);
  void func_type(const component::FuncType& type);
  void def_type(const component::Type& type);
  void decls(std::string_view word, const std::vector<component::Decl>& decls);
  void core_types(std::string_view word, const component::CoreType& type);
  void core_sub_type(const core::SubType& type);
  void core_extern_type(const core::ExternType& type);
  void module_type(const component::CoreModuleType& type);
  void canon_opts(const component::CanonOpts& opts);
  void canon_imm(const component::CanonImm& imm);

  void extern_name(const component::ExternName& name);
  void extern_type(const component::ExternType& type, bool binds);
  void index(component::Sort sort, std::uint32_t index);
  /// `(sort index)`.
  void item(component::SortIdx item);
  /// ` $id (;index;)` of the next item of a space, which it counts.
  [[nodiscard]] std::string binding(component::Sort sort);
  void bind(component::Sort sort);
  void open(std::string_view word) {
    out_.line();
    out_.put('(');
    out_.put(word);
  }

  TextWriter& out_;
  const PrintOptions& options_;
  std::deque<Level> levels_;
};

}  // namespace tenon::text
