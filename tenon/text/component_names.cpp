// SPDX-License-Identifier: Apache-2.0
// The component's name section, which keeps `$identifiers` through the binary format. `defines`
// says which index space a definition extends: the printer needs it to number items as the
// validator does.
// Spec: Binary.md "Name Section"
#include "tenon/text/component_names.h"

#include "tenon/component/component_names.h"
#include "tenon/text/rules.h"

namespace tenon::text {

using component::CoreSort;
using component::Sort;
using component::SortKind;

void write_component_names(Writer& out, const ComponentNames& names) {
  if (names.component) {
    Writer name;
    name.name(*names.component);
    out.u8(0);
    out.sized_bytes(name.view());
  }
  // In the order of the sorts' bytes: the core ones first.
  constexpr std::array<std::size_t, num_spaces> order = {5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2, 3, 4};
  for (const std::size_t space : order) {
    const auto& items = names.items[space];
    if (items.empty()) continue;
    const Sort s = sort_of_space(space);
    Writer map;
    map.u8(static_cast<std::uint8_t>(s.kind));
    if (s.kind == SortKind::core) map.u8(static_cast<std::uint8_t>(s.core_sort));
    map.u32(static_cast<std::uint32_t>(items.size()));
    for (const auto& [index, name] : items) {
      map.u32(index);
      map.name(name);
    }
    out.u8(1);
    out.sized_bytes(map.view());
  }
}

Result<ComponentNames> read_component_names(ByteSpan content) {
  class Keep : public component::ComponentNameVisitor {
   public:
    void component(std::string_view name) override { out.component = std::string(name); }
    Result<void> sort(Sort sort) override {
      space_ = space_of(sort);
      return {};
    }
    Result<void> name(std::uint32_t index, std::string_view name) override {
      out.items[space_].emplace_back(index, std::string(name));
      return {};
    }
    ComponentNames out;

   private:
    std::size_t space_ = 0;
  };
  Keep names;
  TENON_TRY(component::read_component_names(content, Span::none(), names));
  return std::move(names.out);
}

Defines defines(const component::Definition& definition) {
  using Out = Defines;
  return std::visit(
      overloaded{
          [](const component::Custom&) { return Out{std::nullopt, 0}; },
          [](const std::unique_ptr<core::Module>&) { return Out{sort(CoreSort::module), 1}; },
          [](const component::CoreInstance&) { return Out{sort(CoreSort::instance), 1}; },
          [](const component::CoreType& t) {
            return Out{sort(CoreSort::type),
                       t.module_type ? 1U : static_cast<std::uint32_t>(t.rec_group.size())};
          },
          [](const std::unique_ptr<component::Component>&) {
            return Out{sort(SortKind::component), 1};
          },
          [](const component::Instance&) { return Out{sort(SortKind::instance), 1}; },
          [](const component::Alias& a) { return Out{a.sort, 1}; },
          [](const component::Type&) { return Out{sort(SortKind::type), 1}; },
          [](const component::Canon& c) {
            return Out{
                c.op == component::CanonOp::lift ? sort(SortKind::func) : sort(CoreSort::func), 1};
          },
          [](const component::Start& s) { return Out{sort(SortKind::value), s.results}; },
          [](const component::Import& i) {
            switch (i.type.kind) {
              case component::ExternKind::core_module:
                return Out{sort(CoreSort::module), 1};
              case component::ExternKind::func:
                return Out{sort(SortKind::func), 1};
              case component::ExternKind::value:
                return Out{sort(SortKind::value), 1};
              case component::ExternKind::type:
                return Out{sort(SortKind::type), 1};
              case component::ExternKind::component:
                return Out{sort(SortKind::component), 1};
              case component::ExternKind::instance:
                break;
            }
            return Out{sort(SortKind::instance), 1};
          },
          [](const component::Export& e) { return Out{e.item.sort, 1}; },
          [](const component::Value&) { return Out{sort(SortKind::value), 1}; },
      },
      definition.def);
}

}  // namespace tenon::text
