// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/component_names.h"

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
  ComponentNames out;
  Reader in(content);
  while (!in.at_end()) {
    const std::uint8_t kind = TENON_TRY(in.u8("subsection"));
    const std::uint32_t size = TENON_TRY(in.u32("subsection size"));
    Reader sub = TENON_TRY(in.sub(size, "subsection"));
    if (kind == 0) {
      const std::string_view name = TENON_TRY(sub.name("component name"));
      out.component = std::string(name);
      continue;
    }
    Sort s;
    const std::uint8_t sort_byte = TENON_TRY(sub.u8("sort"));
    s.kind = static_cast<SortKind>(sort_byte);
    if (s.kind == SortKind::core) {
      const std::uint8_t core_byte = TENON_TRY(sub.u8("core sort"));
      s.core_sort = static_cast<CoreSort>(core_byte);
    }
    const std::uint32_t count = TENON_TRY(sub.count("names", 2));
    auto& items = out.items[space_of(s)];
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t index = TENON_TRY(sub.u32("index"));
      const std::string_view name = TENON_TRY(sub.name("name"));
      items.emplace_back(index, std::string(name));
    }
  }
  return out;
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
