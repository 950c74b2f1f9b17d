// SPDX-License-Identifier: Apache-2.0
// Custom sections are checked on demand alone: engines must not refuse a component for them.
#include "tenon/component/validate_custom.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "tenon/base/bytes.h"
#include "tenon/component/component_names.h"
#include "tenon/component/info.h"
#include "tenon/component/rules.h"
#include "tenon/core/names.h"
#include "tenon/core/validate_custom.h"

namespace tenon::component {

namespace {

std::unexpected<Error> wrong(Span span, std::string detail) {
  return std::unexpected(Error(rules::custom_content, span, std::move(detail)));
}

std::string text_of(Sort sort) {
  if (sort.kind != SortKind::core) {
    switch (sort.kind) {
#define TENON_CORE_SORT(name, text, byte)
#define TENON_SORT(name, text, byte) \
  case SortKind::name:               \
    return text;
#include "tenon/component/sorts.def"
    }
  }
  switch (sort.core_sort) {
#define TENON_CORE_SORT(name, text, byte) \
  case CoreSort::name:                    \
    return "core " text;
#define TENON_SORT(name, text, byte)
#include "tenon/component/sorts.def"
  }
  return {};
}

/// The info counts every other index space.
std::uint32_t count_core_types(const Component& component) {
  std::size_t out = 0;
  for (const Definition& definition : component.definitions) {
    if (const auto* type = std::get_if<CoreType>(&definition.def))
      out += type->module_type ? 1 : type->rec_group.size();
    const auto* alias = std::get_if<Alias>(&definition.def);
    if (alias != nullptr && alias->sort == Sort{SortKind::core, CoreSort::type}) ++out;
  }
  return static_cast<std::uint32_t>(out);
}

/// How many items a sort has.
std::uint32_t count_of(const Component& component, Sort sort) {
  const ComponentInfo& info = *component.info;
  switch (sort.kind) {
    case SortKind::func:
      return static_cast<std::uint32_t>(info.funcs.size());
    case SortKind::value:
      return static_cast<std::uint32_t>(info.values.size());
    case SortKind::type:
      return info.num_types;
    case SortKind::component:
      return info.num_components;
    case SortKind::instance:
      return static_cast<std::uint32_t>(info.instances.size());
    case SortKind::core:
      break;
  }
  switch (sort.core_sort) {
    case CoreSort::func:
      return info.num_core_funcs;
    case CoreSort::table:
      return info.num_core_tables;
    case CoreSort::memory:
      return info.num_core_mems;
    case CoreSort::global:
      return info.num_core_globals;
    case CoreSort::tag:
      return info.num_core_tags;
    case CoreSort::type:
      return count_core_types(component);
    case CoreSort::module:
      return info.num_core_modules;
    case CoreSort::instance:
      return info.num_core_instances;
  }
  return 0;
}

/// Each sort has one list, in the order of its indices, and names what there is.
class CheckNames : public ComponentNameVisitor {
 public:
  CheckNames(const Component& component, Span span) : component_(component), span_(span) {}

  void component(std::string_view /*name*/) override {}

  Result<void> sort(Sort sort) override {
    const std::size_t place = sort.kind == SortKind::core
                                  ? 256 + static_cast<std::size_t>(sort.core_sort)
                                  : static_cast<std::size_t>(sort.kind);
    if (std::exchange(seen_[place], true))
      return wrong(span_, fmt::format("a second list of names for the sort `{}`", text_of(sort)));
    sort_ = sort;
    items_ = count_of(component_, sort);
    next_ = 0;
    return {};
  }

  Result<void> name(std::uint32_t index, std::string_view /*name*/) override {
    if (index < next_) return wrong(span_, fmt::format("index {} is out of order", index));
    next_ = std::uint64_t{index} + 1;
    if (index < items_) return {};
    return wrong(span_, fmt::format("a name for {} {}, of {}", text_of(sort_), index, items_));
  }

 private:
  const Component& component_;
  Span span_;
  std::array<bool, 512> seen_{};
  Sort sort_;
  std::uint32_t items_ = 0;
  std::uint64_t next_ = 0;
};

/// Components nest as deeply as validation let them.
Result<void> check(const Component& component) {
  bool named = false;
  for (const Definition& definition : component.definitions) {
    if (const auto* nested = std::get_if<std::unique_ptr<Component>>(&definition.def))
      TENON_TRY(check(**nested));
    const auto* custom = std::get_if<Custom>(&definition.def);
    if (custom == nullptr) continue;
    if (custom->name == "name" || custom->name == core::branch_hint_section)
      return wrong(definition.span, fmt::format("`{}` belongs to a core module", custom->name));
    if (custom->name == "component-name") {
      if (std::exchange(named, true)) return wrong(definition.span, "a second section of names");
      CheckNames names(component, definition.span);
      TENON_TRY(read_component_names(custom->content, definition.span, names));
    }
    if (custom->name == "producers") {
      Reader in(custom->content);
      TENON_TRY(core::read_producers(in));
    }
  }
  for (const auto& module : component.info->modules) TENON_TRY(core::validate_custom(**module));
  return {};
}

}  // namespace

Result<void> validate_custom(const core::Validated<Component>& component) {
  return check(*component);
}

}  // namespace tenon::component
