// SPDX-License-Identifier: Apache-2.0
#include "tenon/text/print_component.h"

#include <algorithm>
#include <unordered_set>

#include "tenon/text/component_names.h"
#include "tenon/text/component_printer.h"

// Spec: Explainer.md "Component Definitions" to "Import and Export Definitions".
namespace tenon::text {

using component::CoreSort;
using component::ExternKind;
using component::Sort;
using component::SortKind;

// ---- Names ----

namespace {

bool may_annotate(std::size_t space) {
  return space != space_of(sort(CoreSort::module)) && space != space_of(sort(SortKind::component));
}

/// Whether the parser makes the same section from identifiers and annotations in the text. What
/// annotates a core module or a component is the name that it has for itself.
bool is_reproducible(const component::Custom& custom, const ComponentNames& names,
                     const std::array<std::uint32_t, num_spaces>& counts) {
  Writer again;
  write_component_names(again, names);
  if (!std::ranges::equal(again.view(), custom.content)) return false;
  for (std::size_t space = 0; space < num_spaces; ++space) {
    std::unordered_set<std::string_view> seen;
    std::optional<std::uint32_t> previous;
    for (const auto& [index, name] : names.items[space]) {
      if (index >= counts[space]) return false;
      if ((name.empty() || !seen.insert(name).second) && !may_annotate(space)) return false;
      if (previous && *previous >= index) return false;
      previous = index;
    }
  }
  return !names.component || !names.component->empty();
}

}  // namespace

void ComponentPrinter::find_names(const component::Component& component, Level& level) {
  if (component.definitions.empty()) return;
  const auto* const custom = std::get_if<component::Custom>(&component.definitions.back().def);
  if (custom == nullptr || custom->name != "component-name") return;
  auto names = read_component_names(custom->content);
  if (!names) return;
  std::array<std::uint32_t, num_spaces> counts{};
  for (const component::Definition& definition : component.definitions) {
    const Defines made = defines(definition);
    if (made.sort) counts[space_of(*made.sort)] += made.count;
  }
  if (!is_reproducible(*custom, *names, counts)) return;
  level.names_printed = true;
  level.name = names->component;
  for (std::size_t space = 0; space < num_spaces; ++space) {
    core::NameMap map;
    for (const auto& [index, name] : names->items[space]) map.push_back({index, name});
    level.ids[space] = Ids(map, counts[space]);
  }
}

void ComponentPrinter::index(Sort s, std::uint32_t i) {
  const std::string_view id = levels_.back().ids[space_of(s)].of(i);
  if (id.empty()) {
    out_.number(i);
  } else {
    out_.put(id);
  }
}

std::string ComponentPrinter::binding(Sort s) {
  Level& level = levels_.back();
  const std::uint32_t i = level.counts[space_of(s)]++;
  std::string out;
  const std::string_view id = level.ids[space_of(s)].of(i);
  if (!id.empty()) out.append(" ").append(id);
  out += " (;" + std::to_string(i) + ";)";
  if (const std::string* name = level.ids[space_of(s)].annotation(i)) {
    TextWriter literal;
    literal.name_literal(*name);
    out += " (@name " + literal.take() + ")";
  }
  return out;
}

void ComponentPrinter::bind(Sort s) {
  out_.put(binding(s));
}

void ComponentPrinter::item(component::SortIdx item) {
  out_.put('(');
  out_.put(sort_text(item.sort));
  out_.put(' ');
  index(item.sort, item.idx);
  out_.put(')');
}

void ComponentPrinter::extern_name(const component::ExternName& name) {
  out_.name_literal(name.name);
  for (const component::NameAttribute& attribute : name.attributes) {
    using enum component::AttributeKind;
    out_.put(attribute.kind == implements       ? " (implements "
             : attribute.kind == version_suffix ? " (version-suffix "
                                                : " (external-id ");
    out_.name_literal(attribute.value);
    out_.put(')');
  }
}

// ---- Definitions ----

void ComponentPrinter::definition(const component::CoreInstance& instance) {
  open("core instance");
  bind(sort(CoreSort::instance));
  if (instance.module) {
    out_.put(" (instantiate ");
    index(sort(CoreSort::module), instance.module->value);
    for (const component::CoreInstantiateArg& arg : instance.args) {
      out_.put(" (with ");
      out_.name_literal(arg.name);
      out_.put(" (instance ");
      index(sort(CoreSort::instance), arg.instance.value);
      out_.put("))");
    }
    out_.put(')');
  }
  for (const component::CoreInlineExport& e : instance.exports) {
    out_.put(" (export ");
    out_.name_literal(e.name);
    out_.put(" (");
    out_.put(sort_word(sort(e.item.sort)));
    out_.put(' ');
    index(sort(e.item.sort), e.item.idx);
    out_.put("))");
  }
  out_.put(')');
}

void ComponentPrinter::definition(const component::Instance& instance) {
  open("instance");
  bind(sort(SortKind::instance));
  if (instance.component) {
    out_.put(" (instantiate ");
    index(sort(SortKind::component), instance.component->value);
    for (const component::InstantiateArg& arg : instance.args) {
      out_.put(" (with ");
      out_.name_literal(arg.name);
      out_.put(' ');
      item(arg.item);
      out_.put(')');
    }
    out_.put(')');
  }
  for (const component::InlineExport& e : instance.exports) {
    out_.put(" (export ");
    extern_name(e.name);
    out_.put(' ');
    item(e.item);
    out_.put(')');
  }
  out_.put(')');
}

void ComponentPrinter::definition(const component::Alias& alias) {
  using Target = component::Alias::Target;
  open("alias ");
  if (alias.target == Target::outer) {
    out_.put("outer ");
    out_.number(alias.instance_or_count);
    out_.put(' ');
    out_.number(alias.idx);
  } else {
    const bool core = alias.target == Target::core_export;
    out_.put(core ? "core export " : "export ");
    index(core ? sort(CoreSort::instance) : sort(SortKind::instance), alias.instance_or_count);
    out_.put(' ');
    out_.name_literal(alias.name);
  }
  out_.put(" (");
  out_.put(sort_text(alias.sort));
  bind(alias.sort);
  out_.put("))");
}

void ComponentPrinter::definition(const component::Type& type) {
  open("type");
  // The index is the type's own even where types are inside of it.
  out_.put(binding(sort(SortKind::type)));
  out_.put(' ');
  def_type(type);
  out_.put(')');
}

void ComponentPrinter::definition(const component::Start& start) {
  open("start ");
  index(sort(SortKind::func), start.func.value);
  for (const component::ValueIdx arg : start.args) {
    out_.put(" (value ");
    index(sort(SortKind::value), arg.value);
    out_.put(')');
  }
  for (std::uint32_t i = 0; i < start.results; ++i) {
    out_.put(" (result (value");
    bind(sort(SortKind::value));
    out_.put("))");
  }
  out_.put(')');
}

void ComponentPrinter::extern_type(const component::ExternType& type, bool binds) {
  const Sort s = component::sort_of(type.kind);
  out_.put('(');
  out_.put(sort_text(s));
  if (binds) bind(s);
  out_.put(' ');
  switch (type.kind) {
    case ExternKind::type:
      if (type.bound == component::TypeBoundKind::sub_resource) {
        out_.put("(sub resource)");
      } else {
        out_.put("(eq ");
        index(sort(SortKind::type), type.idx);
        out_.put(')');
      }
      break;
    case ExternKind::value:
      if (type.value_eq) {
        out_.put("(eq ");
        index(sort(SortKind::value), type.idx);
        out_.put(')');
      } else {
        val_type(type.value_type);
      }
      break;
    case ExternKind::core_module:
    case ExternKind::func:
    case ExternKind::component:
    case ExternKind::instance:
      out_.put("(type ");
      index(type.kind == ExternKind::core_module ? sort(CoreSort::type) : sort(SortKind::type),
            type.idx);
      out_.put(')');
      break;
  }
  out_.put(')');
}

void ComponentPrinter::definition(const component::Import& import) {
  open("import ");
  extern_name(import.name);
  out_.put(' ');
  extern_type(import.type, true);
  out_.put(')');
}

void ComponentPrinter::definition(const component::Export& e) {
  open("export");
  // Its item comes before its own index in the space.
  const std::string bound = binding(e.item.sort);
  out_.put(bound);
  out_.put(' ');
  extern_name(e.name);
  out_.put(' ');
  item(e.item);
  if (e.ascribed) {
    out_.put(' ');
    extern_type(*e.ascribed, false);
  }
  out_.put(')');
}

void ComponentPrinter::definition(const component::Value& value) {
  open("value");
  bind(sort(SortKind::value));
  out_.put(' ');
  val_type(value.type);
  out_.put(" (binary ");
  out_.bytes_literal(value.bytes);
  out_.put("))");
}

void ComponentPrinter::definition(const component::Custom& custom) {
  open("@custom ");
  out_.name_literal(custom.name);
  out_.put(' ');
  out_.bytes_literal(custom.content);
  out_.put(')');
}

// ---- The component ----

Result<void> ComponentPrinter::module(const core::Module& module) {
  const std::string head = "core module" + binding(sort(CoreSort::module));
  out_.line();
  return print_module(out_, head, module, options_);
}

Result<void> ComponentPrinter::definitions(const component::Component& component) {
  for (const component::Definition& d : component.definitions) {
    const bool last = &d == &component.definitions.back();
    if (last && levels_.back().names_printed) continue;
    if (const auto* const inner = std::get_if<std::unique_ptr<core::Module>>(&d.def)) {
      TENON_TRY(module(**inner));
    } else if (const auto* const nested =
                   std::get_if<std::unique_ptr<component::Component>>(&d.def)) {
      out_.line();
      const std::string bound = binding(sort(SortKind::component));
      TENON_TRY(this->component(**nested, bound));
    } else {
      std::visit(overloaded{[](const std::unique_ptr<core::Module>&) {},
                            [](const std::unique_ptr<component::Component>&) {},
                            [&](const auto& definition) { this->definition(definition); }},
                 d.def);
    }
  }
  return {};
}

Result<void> ComponentPrinter::component(const component::Component& component,
                                         std::string_view bound) {
  Level& level = levels_.emplace_back();
  find_names(component, level);
  out_.put("(component");
  out_.put(bound);
  if (level.name && bound.empty()) {
    out_.put(' ');
    out_.put(identifier(*level.name));
  } else if (level.name) {
    out_.put(" (@name ");
    out_.name_literal(*level.name);
    out_.put(')');
  }
  out_.indent();
  TENON_TRY(definitions(component));
  out_.dedent();
  out_.line();
  out_.put(')');
  levels_.pop_back();
  return {};
}

Result<std::string> print_component(const component::Component& component,
                                    const PrintOptions& options) {
  TextWriter out;
  TENON_TRY(ComponentPrinter(out, options).component(component, {}));
  out.put('\n');
  return out.take();
}

Result<void> print_component(const component::Component& component, const PrintOptions& options,
                             const TextSink& sink) {
  TextWriter out(sink);
  TENON_TRY(ComponentPrinter(out, options).component(component, {}));
  out.put('\n');
  out.flush();
  return {};
}

}  // namespace tenon::text
