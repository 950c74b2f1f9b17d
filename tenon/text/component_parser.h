// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/component/component.h"
#include "tenon/text/component_scope.h"
#include "tenon/text/cursor.h"
#include "tenon/text/parse_component.h"

namespace tenon::text {

/// Components and types nest at most this deep in a text.
inline constexpr std::uint32_t max_component_nesting = 500;

/// Reads components. Each function begins after the keyword that names its production and, unless
/// it says otherwise, takes the `)` that ends it. Private to the files parse_component*.cpp.
class ComponentParser {
 public:
  ComponentParser(Cursor& cursor, const ComponentTextOptions& options)
      : c_(cursor), scopes_(cursor, options.legacy_references), legacy_(options.legacy_words) {}

  /// After `(component`, its `)` included.
  Result<component::Component> component(const std::optional<Id>& id, bool outermost);
  /// Definitions up to the end of the text.
  Result<component::Component> bare();

 private:
  struct Inline {
    std::vector<component::ExternName> exports;
    std::optional<component::ExternName> import;
  };
  struct BoundExtern {
    component::Sort sort;
    component::ExternType type;
    std::optional<Id> id;
  };

  // parse_component.cpp: definitions.
  Result<void> definitions(component::Component& out);
  Result<void> definition();
  Result<void> core_definition(std::uint32_t begin);
  Result<void> core_module(std::uint32_t begin);
  Result<void> core_instance(std::uint32_t begin);
  Result<void> core_item(component::CoreSort sort, std::uint32_t begin);
  template <class Define>
  Result<void> definable(component::SortKind kind, std::uint32_t begin, Define define);
  Result<void> nested_component(std::uint32_t begin);
  Result<void> instance(std::uint32_t begin);
  Result<void> alias(std::uint32_t begin);
  Result<void> type(std::uint32_t begin);
  Result<void> func(std::uint32_t begin);
  Result<void> canon(std::uint32_t begin);
  Result<void> start(std::uint32_t begin);
  Result<void> import(std::uint32_t begin);
  Result<void> export_(std::uint32_t begin);
  Result<void> value(std::uint32_t begin);
  Result<void> customs();
  void component_names(const Scope& scope, std::optional<std::string> name);

  /// `(export "n")* (import "n")?` as they may be inside of a definition.
  Result<Inline> inline_names();
  [[nodiscard]] bool at_inline(std::string_view word);
  /// Writes the exports of a definition that has its index.
  void inline_exports(Inline&& names, component::Sort sort, std::uint32_t index, Span span);
  Result<void> inline_import(Inline&& names, BoundExtern type, std::uint32_t begin);
  [[nodiscard]] bool at_inverted_alias();
  /// `(alias …)` inside of a definition of the sort, up to the definition's `)`.
  Result<std::uint32_t> inverted_alias(component::Sort sort, const std::optional<Id>& id,
                                       std::uint32_t begin);
  Result<component::Alias> alias_target(bool with_sort, component::Sort sort,
                                        std::optional<Id>* id);
  /// `$id? (@name "…")?` of what a component names.
  Result<std::optional<Id>> id_and_name();
  Result<component::ExternName> extern_name();
  Result<component::CoreInstance> core_inline_exports();
  Result<component::Instance> inline_export_list();
  Result<void> core_instantiate_arg(component::CoreInstance& out);
  Result<void> instantiate_arg(component::Instance& out);

  // parse_component_types.cpp
  Result<component::PrimValType> prim_type(std::string_view wanted);
  Result<component::ValType> val_type();
  Result<component::DefValType> def_val_type();
  Result<component::FuncType> func_type();
  /// The identifier is that of the type: what it encloses may name it in an outer alias.
  Result<component::Type> def_type(const std::optional<Id>& id);
  Result<component::ResourceType> resource_type();
  Result<std::vector<component::Decl>> decls(Scope::Kind kind, const std::optional<Id>& id = {});
  Result<void> decl(bool may_import);
  Result<std::unique_ptr<component::CoreModuleType>> module_type(const std::optional<Id>& id = {});
  Result<void> module_decl();
  Result<void> module_import();
  Result<core::ExternType> core_extern_type();
  Result<void> core_type(std::uint32_t begin);
  Result<void> core_rec(std::uint32_t begin);
  /// Types of enclosing components that the core type here names become aliases before it, so that
  /// the next index is its own. `own` are names that it defines.
  void alias_outer_types(const NameMap& own);
  Result<void> type_decl(std::uint32_t begin);
  /// `(sort $id? …)`.
  Result<BoundExtern> extern_type();
  /// What follows the sort, without `)`.
  Result<component::ExternType> extern_type_rest(component::Sort sort);
  [[nodiscard]] bool at_type_use();
  Result<std::uint32_t> type_use();
  template <class T>
  Result<std::vector<T>> some(Result<T> (ComponentParser::*read)());
  Result<component::LabelValType> field();
  Result<component::Variant> variant();
  Result<std::string> label();

  // parse_canon.cpp
  /// The canonical function that the keyword names, up to what it defines.
  Result<component::Canon> canon_function(std::string_view word);
  Result<component::CanonOpts> canon_opts();
  Result<component::CanonImm> canon_imm(component::NoImm*);
  Result<component::CanonImm> canon_imm(component::ResourceImm*);
  Result<component::CanonImm> canon_imm(component::TypeImm*);
  Result<component::CanonImm> canon_imm(component::TypeOptsImm*);
  Result<component::CanonImm> canon_imm(component::TypeAsyncImm*);
  Result<component::CanonImm> canon_imm(component::AsyncImm*);
  Result<component::CanonImm> canon_imm(component::ReservedImm*);
  Result<component::CanonImm> canon_imm(component::MemImm*);
  Result<component::CanonImm> canon_imm(component::ContextImm*);
  Result<component::CanonImm> canon_imm(component::TaskReturnImm*);
  Result<component::CanonImm> canon_imm(component::OptsImm*);
  Result<component::CanonImm> canon_imm(component::IndirectImm*);
  Result<component::CanonImm> canon_imm(component::SharedTypeImm*);
  Result<component::CanonImm> canon_imm(component::SharedIndirectImm*);
  Result<component::CanonImm> canon_imm(component::SharedImm*);
  /// An error when `cancellable` is here, which some canonical functions once had.
  [[nodiscard]] Result<void> no_cancellable() const;
  /// `lift`: its core function and options.
  Result<component::LiftImm> lift();
  Result<std::uint32_t> lift_type();

  [[nodiscard]] Error too_deep() const;

  Cursor& c_;
  Scopes scopes_;
  bool legacy_;
  std::uint32_t depth_ = 0;
  /// What annotations say, for `Id::given`.
  std::deque<std::string> given_names_;
};

}  // namespace tenon::text
