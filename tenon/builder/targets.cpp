// SPDX-License-Identifier: Apache-2.0

// A world is a component type. To compare a component with it, the type is put into a component
// that imports one such, which validation resolves; then `component::match` answers.
#include "tenon/builder/targets.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "tenon/builder/assembly.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/match.h"
#include "tenon/component/validate.h"
#include "tenon/types/semver.h"
#include "tenon/wit/to_component.h"

namespace tenon::builder {
namespace {

using component::Mismatch;

/// What to say about a name that is not among the wanted ones.
std::string hint(const Mismatch& why, const char* owner) {
  if (why.nearest.empty()) return {};
  return fmt::format("the {} has {}`{}`", owner, why.other_version ? "it in another version: " : "",
                     why.nearest);
}

/// The name in a step such as "export `f`".
std::string_view quoted(std::string_view step) {
  return step.substr(step.find('`'));
}

Error misfit(const Mismatch& why, const wit::World& world) {
  std::string detail = why.text();
  std::string help = "the component was built against another WIT";
  if (why.path.size() == 1 && why.kind == Mismatch::Kind::missing_import) {
    detail = fmt::format("the component imports {}, which the world `{}` does not",
                         quoted(why.path.front()), world.name);
    help = hint(why, "world");
  } else if (why.path.size() == 1 && why.kind == Mismatch::Kind::missing_export) {
    detail = fmt::format("the world `{}` exports {}, which the component does not", world.name,
                         quoted(why.path.front()));
    help = hint(why, "component");
  }
  Error error(rules::misses_world, Span::none(), std::move(detail));
  if (help.empty()) return error;
  return std::move(error).help(std::move(help));
}

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

/// Where to find a name in the world, by what compatible versions have in common.
using ByCanonicalName = std::map<std::string_view, const component::NamedExtern*>;

bool newer(std::string_view name, std::string_view than) {
  return types::compare_versions(types::split_version(name).version,
                                 types::split_version(than).version) > 0;
}

/// The world as one that also imports what the component imports in a compatible version, and that
/// wants each export in the version which the component has.
component::ComponentInfo in_versions_of(const component::ComponentInfo& actual,
                                        const component::ComponentInfo& wanted,
                                        component::ComponentTypeIdx idx) {
  component::ComponentInfo out;
  out.types = wanted.types;
  out.func_types = wanted.func_types;
  out.instance_types = wanted.instance_types;
  out.component_types = wanted.component_types;
  out.resources = wanted.resources;
  out.module_types = wanted.module_types;
  out.core_types = wanted.core_types;
  component::ComponentTypeInfo& world = out.component_types[idx];

  std::set<std::string_view> there;
  ByCanonicalName imports;
  for (const component::NamedExtern& e : wanted.component_types[idx].imports) {
    there.insert(e.name);
    if (!types::is_versioned(e.name)) continue;
    const auto [it, fresh] = imports.emplace(types::canonical_interface(e.name), &e);
    if (!fresh && newer(e.name, it->second->name)) it->second = &e;
  }
  for (const auto& import : actual.imports) {
    const std::string& name = import.name->name;
    if (there.contains(name) || !types::is_versioned(name)) continue;
    const auto it = imports.find(types::canonical_interface(name));
    if (it != imports.end()) world.imports.push_back({name, it->second->type});
  }

  there.clear();
  std::map<std::string_view, std::string_view> exports;
  for (const auto& e : actual.exports) {
    const std::string& name = e.name->name;
    there.insert(name);
    if (!types::is_versioned(name)) continue;
    const auto [it, fresh] = exports.emplace(types::canonical_interface(name), name);
    if (!fresh && newer(name, it->second)) it->second = name;
  }
  for (component::NamedExtern& e : world.exports) {
    if (there.contains(e.name) || !types::is_versioned(e.name)) continue;
    const auto it = exports.find(types::canonical_interface(e.name));
    if (it != exports.end()) e.name = it->second;
  }
  return out;
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
  const auto why =
      versions == Versions::exact
          ? component::match(*valid->info, *wanted->info, type)
          : component::match(*valid->info, in_versions_of(*valid->info, *wanted->info, type), type);
  if (why) return std::unexpected(misfit(*why, packages.worlds[world]));
  return {};
}

}  // namespace tenon::builder
