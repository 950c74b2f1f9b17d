// SPDX-License-Identifier: Apache-2.0
// A lifted function has an anonymous type, but an export must refer to named types. A nested
// component that imports functions and types and exports both under their names does that; chains
// of aliases are skipped, so a chain of `use` stays linear.
// Spec: Explainer.md "Import and Export Definitions"
#include "tenon/builder/export_interface.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <unordered_map>

namespace tenon::builder {
namespace {

using component::ExternKind;
using component::SortKind;
using component::TypeBoundKind;

/// Writes the nested component and collects what it is instantiated with.
class Nested {
 public:
  Nested(const wit::Packages& packages, wit::InterfaceIdx interface, TypeScope& outside)
      : packages_(packages),
        interface_idx_(interface),
        interface_(packages.interfaces[interface]),
        outside_(outside),
        imports_(packages, out_, [this](wit::TypeIdx t) { return import_named(t); }),
        exports_(packages, out_, [this](wit::TypeIdx t) { return outer_named(t); }) {}

  component::Component run(const std::vector<component::FuncIdx>& funcs) {
    for (const auto& [name, type] : interface_.types) static_cast<void>(imports_.type(type));
    for (std::size_t i = 0; i < funcs.size(); ++i) {
      const wit::Function& func = interface_.functions[i];
      const component::TypeIdx type = imports_.func_type(func);
      const std::string name = "import-func-" + plain(func);
      imported_funcs_.push_back(
          out_.import(extern_name(name), extern_type(ExternKind::func, type.value)));
      args_.push_back({name, {{SortKind::func, {}}, funcs[i].value}});
    }
    for (const auto& [name, type] : interface_.types) static_cast<void>(exports_.type(type));
    for (std::size_t i = 0; i < funcs.size(); ++i) {
      const wit::Function& func = interface_.functions[i];
      const component::TypeIdx type = exports_.func_type(func);
      out_.export_(item_name(func.name, func.info), {{SortKind::func, {}}, imported_funcs_[i]},
                   extern_type(ExternKind::func, type.value));
    }
    return out_.take();
  }

  std::vector<component::InstantiateArg> take_args() { return std::move(args_); }

 private:
  static component::ExternName item_name(const std::string& text, const wit::ItemInfo& info) {
    component::ExternName name = extern_name(text);
    if (info.external_id) {
      name.add(component::AttributeKind::external_id, std::string(*info.external_id));
    }
    return name;
  }

  /// A name for a function's import, which must not look like a method's.
  std::string plain(const wit::Function& func) {
    std::string text;
    for (const char c : func.name) {
      if (c == '[') continue;
      text += c == ']' || c == '.' ? '-' : c;
    }
    return unique(text);
  }

  /// Names may not differ by case and hyphens alone.
  std::string unique(const std::string& text) {
    const auto key = [](const std::string& name) {
      std::string out;
      for (const char c : name) {
        if (c != '-') out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      }
      return out;
    };
    std::string out = text;
    // A name that stood often begins its search where the last one ended.
    std::uint32_t& number = numbers_[key(text)];
    while (!taken_.insert(key(out)).second) out = fmt::format("{}-n{}", text, number++);
    return out;
  }

  /// A named type comes in as an import: a resource as itself, another as equal to its structure.
  /// The names between an alias and what it stands for are no part of its type, so a chain of `use`
  /// takes two imports of each interface, its own and the one that it uses.
  std::optional<component::TypeIdx> import_named(wit::TypeIdx type) {
    const wit::TypeDef& def = packages_.types[type];
    if (!def.name) return std::nullopt;
    const wit::TypeIdx target = packages_.resolve_alias(type);
    const bool resource = std::holds_alternative<wit::Resource>(packages_.types[target].def);
    component::ExternType bound = extern_type(ExternKind::type, 0);
    if (resource && target != type && imports_.knows(target)) {
      return imports_.type(target);  // one resource, one import
    }
    if (resource) {
      bound.bound = TypeBoundKind::sub_resource;
    } else {
      bound.idx = structure(target).value;
    }
    const std::string name = unique("import-type-" + *def.name);
    const component::TypeIdx idx(out_.import(extern_name(name), bound));
    args_.push_back({name, {{SortKind::type, {}}, outside_.type(type).value}});
    if (resource) imports_.know(target, idx);
    return idx;
  }

  /// Once for all the names of a type.
  component::TypeIdx structure(wit::TypeIdx target) {
    if (imports_.knows(target)) return imports_.type(target);
    if (const auto it = structures_.find(target); it != structures_.end()) return it->second;
    const component::TypeIdx idx = imports_.structure(target);
    structures_.emplace(target, idx);
    return idx;
  }

  /// In exports a type is the one exported here or, when another interface owns it, the imported
  /// one. A type may be before those that it is made of.
  std::optional<component::TypeIdx> outer_named(wit::TypeIdx type) {
    const wit::TypeDef& def = packages_.types[type];
    if (!def.name) return std::nullopt;
    const auto* owner = std::get_if<wit::InterfaceIdx>(&def.owner);
    if (owner != nullptr && *owner == interface_idx_) return export_type(*def.name, type);
    const wit::TypeIdx target = packages_.resolve_alias(type);
    if (target != type && exports_.knows(target)) return exports_.type(target);
    return imports_.type(type);
  }

  component::TypeIdx export_type(const std::string& name, wit::TypeIdx type) {
    const wit::TypeIdx target = packages_.resolve_alias(type);
    const wit::TypeDef& def = packages_.types[type];
    const bool resource = std::holds_alternative<wit::Resource>(packages_.types[target].def);
    component::TypeIdx made;
    if (resource) {
      made = target != type && exports_.knows(target) ? exports_.type(target) : imports_.type(type);
    } else {
      made = exports_.structure(type);
    }
    const component::TypeIdx idx(
        out_.export_(item_name(name, def.info), {{SortKind::type, {}}, made.value}));
    exports_.know(type, idx);
    if (resource && !exports_.knows(target)) exports_.know(target, idx);
    return idx;
  }

  const wit::Packages& packages_;
  wit::InterfaceIdx interface_idx_;
  const wit::Interface& interface_;
  TypeScope& outside_;
  Assembly out_;
  TypeScope imports_;
  TypeScope exports_;
  std::set<std::string> taken_;
  std::map<std::string, std::uint32_t> numbers_;
  std::unordered_map<wit::TypeIdx, component::TypeIdx> structures_;
  std::vector<std::uint32_t> imported_funcs_;
  std::vector<component::InstantiateArg> args_;
};

}  // namespace

component::InstanceIdx export_interface(const wit::Packages& packages, wit::InterfaceIdx interface,
                                        const std::vector<component::FuncIdx>& funcs,
                                        TypeScope& types, Assembly& out) {
  Nested nested(packages, interface, types);
  component::Component component = nested.run(funcs);
  const ComponentIdx idx = out.component(std::move(component));
  return out.instantiate(idx, nested.take_args());
}

}  // namespace tenon::builder
