// SPDX-License-Identifier: Apache-2.0

// A world is a component type. To compare a component with it, the type is put into a component
// that imports one such, which validation resolves; then `component::match` answers.
#include "tenon/builder/targets.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "tenon/builder/assembly.h"
#include "tenon/builder/rules.h"
#include "tenon/component/decode.h"
#include "tenon/component/match.h"
#include "tenon/component/validate.h"
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

}  // namespace

Result<void> targets(ByteSpan bytes, const wit::Packages& packages, wit::WorldIdx world,
                     std::uint32_t source) {
  const core::Features features = core::Features::all();
  auto decoded = TENON_TRY(component::decode(Blob::borrow(bytes), features, source));
  const auto valid = TENON_TRY(component::validate(std::move(decoded), features));
  const auto wanted =
      TENON_TRY(component::validate(taker(wit::world_type(packages, world)), features));
  const auto& import = wanted->info->imports.front().type;
  if (const auto why = component::match(*valid->info, *wanted->info, import.component()))
    return std::unexpected(misfit(*why, packages.worlds[world]));
  return {};
}

}  // namespace tenon::builder
