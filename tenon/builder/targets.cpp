// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/base/nearest.h"
#include "tenon/builder/assembly.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/rules.h"
#include "tenon/component/validate.h"
#include "tenon/wit/to_component.h"

namespace tenon::builder {
namespace {

std::string_view without_version(std::string_view name) {
  return name.substr(0, name.find('@'));
}

/// What to say about a name that is not among the wanted ones.
std::string hint(std::string_view name, const std::vector<std::string_view>& names,
                 const char* owner) {
  for (const std::string_view other : names) {
    if (without_version(other) == without_version(name)) {
      return fmt::format("the {} has it in another version: `{}`", owner, other);
    }
  }
  const std::string_view near = nearest(name, names);
  return near.empty() ? std::string() : fmt::format("the {} has `{}`", owner, near);
}

std::unexpected<Error> misfit(std::string detail, std::string help) {
  Error error(rules::misses_world, Span::none(), std::move(detail));
  if (!help.empty()) return std::unexpected(std::move(error).help(std::move(help)));
  return std::unexpected(std::move(error));
}

Result<void> names_fit(const component::ComponentInfo& info, const wit::World& world) {
  std::vector<std::string_view> imports;
  std::vector<std::string_view> exports;
  for (const wit::WorldItem& item : world.imports) imports.push_back(item.name);
  for (const component::ExportInfo& e : info.exports) exports.push_back(e.name->name);
  for (const component::ImportInfo& i : info.imports) {
    if (std::ranges::find(imports, i.name->name) != imports.end()) continue;
    return misfit(fmt::format("the component imports `{}`, which the world `{}` does not",
                              i.name->name, world.name),
                  hint(i.name->name, imports, "world"));
  }
  for (const wit::WorldItem& item : world.exports) {
    if (std::ranges::find(exports, item.name) != exports.end()) continue;
    return misfit(fmt::format("the world `{}` exports `{}`, which the component does not",
                              world.name, item.name),
                  hint(item.name, exports, "component"));
  }
  return {};
}

/// A component that takes one of the world's type, instantiated with the one in question:
/// validation then checks that the one matches the other.
component::Component probe(component::Component candidate, component::ComponentType type) {
  Assembly outer;
  const component::ComponentIdx given = outer.component(std::move(candidate));
  component::Type world;
  world.def = std::move(type);
  static_cast<void>(outer.type(std::move(world)));
  component::Component taker;
  component::Alias alias;
  alias.target = component::Alias::Target::outer;
  alias.sort.kind = component::SortKind::type;
  alias.instance_or_count = 1;
  taker.definitions.push_back({std::move(alias), {}});
  component::Import import;
  import.name = extern_name("component");
  import.type = extern_type(component::ExternKind::component, 0);
  taker.definitions.push_back({std::move(import), {}});
  const component::ComponentIdx wanted = outer.component(std::move(taker));
  static_cast<void>(outer.instantiate(
      wanted, {{"component", {{component::SortKind::component, {}}, given.value}}}));
  return outer.take();
}

}  // namespace

Result<void> targets(ByteSpan bytes, const wit::Packages& packages, wit::WorldIdx world,
                     std::uint32_t source) {
  const core::Features features = core::Features::all();
  auto decoded = TENON_TRY(component::decode(Blob::borrow(bytes), features, source));
  const auto valid = TENON_TRY(component::validate(std::move(decoded), features));
  TENON_TRY(names_fit(*valid->info, packages.worlds[world]));
  auto again = TENON_TRY(component::decode(Blob::borrow(bytes), features, source));
  const auto fits =
      component::validate(probe(std::move(again), wit::world_type(packages, world)), features);
  if (fits) return {};
  std::string_view why = fits.error().detail();
  // The import of the probe is no one's concern.
  constexpr std::string_view prefix = "type mismatch for import `component`: ";
  if (fits.error().rule() == component::rules::arg_type && why.starts_with(prefix))
    why.remove_prefix(prefix.size());
  return misfit(std::string(why), "the component was built against another WIT");
}

}  // namespace tenon::builder
