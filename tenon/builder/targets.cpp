// SPDX-License-Identifier: Apache-2.0

// A world is a component type. To compare a component with it, the type is put into a component
// that imports one such, which validation resolves; then `component::match` answers. It compares
// names as they stand, and a component may have those of interfaces in two parts, a canonical name
// and a `version-suffix`: the world then takes the component's names, and messages have the whole.
#include "tenon/builder/targets.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/builder/assembly.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/match.h"
#include "tenon/component/validate.h"
#include "tenon/types/semver.h"
#include "tenon/wit/to_component.h"
#include "tenon/wit/whole_name.h"

namespace tenon::builder {
namespace {

using component::Mismatch;

/// What to say about a name that is not among the wanted ones.
std::string hint(const Mismatch& why, const char* owner) {
  if (why.nearest.empty()) return {};
  return fmt::format("the {} has {}`{}`", owner, why.other_version ? "it in another version: " : "",
                     why.nearest);
}

Error misfit(const Mismatch& why, const wit::World& world) {
  std::string detail = why.text();
  std::string help = "the component was built against another WIT";
  if (why.path.size() == 1 && why.kind == Mismatch::Kind::missing_import) {
    detail = fmt::format("the component imports `{}`, which the world `{}` does not", why.name,
                         world.name);
    help = hint(why, "world");
  } else if (why.path.size() == 1 && why.kind == Mismatch::Kind::missing_export) {
    detail = fmt::format("the world `{}` exports `{}`, which the component does not", world.name,
                         why.name);
    help = hint(why, "component");
  }
  Error error(rules::misses_world, Span::none(), std::move(detail));
  if (help.empty()) return error;
  return std::move(error).help(std::move(help));
}

/// What a component calls an import or export, and the same with its whole version.
struct ItemName {
  std::string_view name;
  std::string whole;
};
struct Names {
  std::vector<ItemName> imports;
  std::vector<ItemName> exports;
};

/// A component that imports one of the world's type.
component::Component taker(component::ComponentType type) {
  Assembly out;
  component::Type world;
  world.def = std::move(type);
  static_cast<void>(out.type(std::move(world)));
  static_cast<void>(
      out.import(extern_name("component"), extern_type(component::ExternKind::component, 0)));
  return out.take();
}

/// The names of a component's imports or exports.
template <class Item>
std::vector<ItemName> names_of(const std::vector<Item>& items) {
  std::vector<ItemName> out;
  out.reserve(items.size());
  for (const Item& item : items) out.push_back({item.name->name, wit::whole_name(*item.name).name});
  return out;
}

/// Names with a version, by what compatible ones have in common; of several, the newest.
class Newest {
 public:
  explicit Newest(Versions versions) : on_(versions == Versions::compatible) {}

  void add(std::string_view name, std::size_t at) {
    if (!on_ || !types::is_versioned(name)) return;
    const auto [it, fresh] =
        by_canonical_.emplace(types::canonical_interface(name), Entry{name, at});
    if (!fresh && types::compare_versions(types::split_version(name).version,
                                          types::split_version(it->second.name).version) > 0)
      it->second = {name, at};
  }
  /// Where one stands that is compatible with the name.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    if (!on_ || !types::is_versioned(name)) return std::nullopt;
    const auto it = by_canonical_.find(types::canonical_interface(name));
    if (it == by_canonical_.end()) return std::nullopt;
    return it->second.at;
  }

 private:
  struct Entry {
    std::string_view name;
    std::size_t at = 0;
  };
  bool on_;
  std::map<std::string_view, Entry> by_canonical_;
};

/// Gives the world each import under the name that the component has for it.
void import_as(component::ComponentTypeInfo& world, std::span<const ItemName> imports,
               Versions versions) {
  const std::vector<component::NamedExtern> given = world.imports;
  std::map<std::string_view, std::size_t> there;
  Newest newest(versions);
  for (std::size_t i = 0; i < given.size(); ++i) {
    there.emplace(given[i].name, i);
    newest.add(given[i].name, i);
  }
  for (const auto& [name, whole] : imports) {
    const auto it = there.find(whole);
    const auto at = it != there.end() ? std::optional(it->second) : newest.find(whole);
    if (at && name != given[*at].name)
      world.imports.push_back({std::string(name), given[*at].type});
  }
}

/// Lets the world want each export under the name that the component has for it.
void export_as(component::ComponentTypeInfo& world, std::span<const ItemName> exports,
               Versions versions) {
  std::map<std::string_view, std::size_t> there;
  Newest newest(versions);
  for (std::size_t i = 0; i < exports.size(); ++i) {
    there.emplace(exports[i].whole, i);
    newest.add(exports[i].whole, i);
  }
  for (component::NamedExtern& e : world.exports) {
    const auto it = there.find(e.name);
    const auto at = it != there.end() ? std::optional(it->second) : newest.find(e.name);
    if (at) e.name = exports[*at].name;
  }
}

/// The world with the names that the component has for what is the same, or compatible.
component::ComponentInfo in_names_of(const Names& actual, const component::ComponentInfo& wanted,
                                     component::ComponentTypeIdx idx, Versions versions) {
  component::ComponentInfo out;
  out.types = wanted.types;
  out.func_types = wanted.func_types;
  out.instance_types = wanted.instance_types;
  out.component_types = wanted.component_types;
  out.resources = wanted.resources;
  out.module_types = wanted.module_types;
  out.core_types = wanted.core_types;
  import_as(out.component_types[idx], actual.imports, versions);
  export_as(out.component_types[idx], actual.exports, versions);
  return out;
}

/// The mismatch with whole names where the component has canonical ones.
void write_whole(Mismatch& why, const Names& names) {
  for (const auto* items : {&names.imports, &names.exports}) {
    const bool imports = items == &names.imports;
    for (const auto& [name, whole] : *items) {
      if (name == whole) continue;
      const std::string step = fmt::format("{} `{}`", imports ? "import" : "export", name);
      if (why.path.front() == step) {
        why.path.front() = fmt::format("{} `{}`", imports ? "import" : "export", whole);
        if (why.path.size() == 1 && why.name == name) why.name = whole;
      }
      if (!imports && why.path.size() == 1 && why.kind == Mismatch::Kind::missing_export &&
          why.nearest == name)
        why.nearest = whole;
    }
  }
}

}  // namespace

Result<void> targets(ByteSpan bytes, const wit::Packages& packages, wit::WorldIdx world,
                     std::uint32_t source, Versions versions) {
  const core::Features features = core::Features::all();
  auto decoded = TENON_TRY(component::decode(Blob::borrow(bytes), features, source));
  const auto valid = TENON_TRY(component::validate(std::move(decoded), features));
  const auto wanted =
      TENON_TRY(component::validate(taker(wit::world_type(packages, world)), features));
  const auto& import = wanted->info->imports.front().type;
  const component::ComponentTypeIdx type = import.component();
  const Names names{names_of(valid->info->imports), names_of(valid->info->exports)};
  auto why =
      component::match(*valid->info, in_names_of(names, *wanted->info, type, versions), type);
  if (!why) return {};
  if (!why->path.empty()) write_whole(*why, names);
  return std::unexpected(misfit(*why, packages.worlds[world]));
}

}  // namespace tenon::builder
