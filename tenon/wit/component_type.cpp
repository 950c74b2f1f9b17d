// SPDX-License-Identifier: Apache-2.0
// The `component-type` custom section, through which a core module carries its world: a component
// whose only content is types, with the string encoding in a custom section of its own. Compilers
// add one section for each library, so reading merges any number of them.
#include "tenon/wit/component_type.h"

#include <fmt/format.h>

#include "tenon/component/decode.h"
#include "tenon/component/encode.h"
#include "tenon/component/validate.h"
#include "tenon/core/decode.h"
#include "tenon/wit/from_component.h"
#include "tenon/wit/rules.h"
#include "tenon/wit/to_component.h"

namespace tenon::wit {
namespace {

/// Inside the component: two bytes, the version of this format and the string encoding.
constexpr std::string_view encoding_section = "wit-component-encoding";
constexpr std::uint8_t encoding_version = 4;

}  // namespace

std::string component_type_section_name(const Packages& packages, WorldIdx world) {
  const World& w = packages.worlds[world];
  return fmt::format("{}:{}:{}", component_type_section,
                     packages.packages[w.package].name.to_string(), w.name);
}

Result<std::vector<std::uint8_t>> encode_component_type(const Packages& packages, WorldIdx world,
                                                        component::StringEncoding encoding) {
  TENON_TRY(check_instances(packages, world));
  component::Component out = world_component(packages, world);
  component::Custom custom;
  custom.name = encoding_section;
  custom.content = {encoding_version, static_cast<std::uint8_t>(encoding)};
  out.definitions.insert(out.definitions.begin(),
                         component::Definition{std::move(custom), Span::none()});
  return component::encode(out);
}

Result<ComponentType> decode_component_type(ByteSpan content, std::uint32_t source,
                                            std::uint32_t base) {
  const component::Component component =
      TENON_TRY(component::decode(Blob::borrow(content), core::Features::all(), source, base));
  ComponentType out;
  out.packages = TENON_TRY(from_component(component));
  const Span whole{source, base, base + static_cast<std::uint32_t>(content.size())};
  if (out.packages.worlds.size() != 1) {
    return std::unexpected(
        Error(rules::binary_wit, whole,
              fmt::format("a `component-type` section with {} worlds, wanted one",
                          out.packages.worlds.size())));
  }
  for (const component::Definition& definition : component.definitions) {
    const auto* custom = std::get_if<component::Custom>(&definition.def);
    if (custom == nullptr || custom->name != encoding_section) continue;
    if (custom->content.size() != 2 || custom->content[0] != encoding_version ||
        custom->content[1] > 2)
      return std::unexpected(
          Error(rules::binary_wit, whole, "the string encoding is not understood"));
    out.encoding = static_cast<component::StringEncoding>(custom->content[1]);
  }
  return out;
}

namespace {

Result<Packages> wit_of_module(ByteSpan bytes, std::uint32_t source) {
  const core::Module module =
      TENON_TRY(core::decode(Blob::borrow(bytes), core::Features::all(), source));
  std::vector<ComponentType> parts;
  for (const core::CustomSection& custom : module.customs) {
    if (!custom.name.starts_with(component_type_section)) continue;
    ComponentType part =
        TENON_TRY(decode_component_type(custom.content.in(bytes), source, custom.content.begin));
    parts.push_back(std::move(part));
  }
  if (parts.empty()) {
    return std::unexpected(
        Error(rules::binary_wit, Span{source, 0, 8},
              "found a core module that does not say its world")
            .help("`tenon component embed` puts the WIT of a world into a core module"));
  }
  ComponentType merged = TENON_TRY(merge_component_types(std::move(parts)));
  return std::move(merged.packages);
}

}  // namespace

Result<Packages> wit_of_binary(ByteSpan bytes, std::uint32_t source) {
  constexpr std::size_t layer_at = 6;
  if (bytes.size() > layer_at && bytes[layer_at] == 0) return wit_of_module(bytes, source);
  component::Component component =
      TENON_TRY(component::decode(Blob::borrow(bytes), core::Features::all(), source));
  if (is_wit_package(component)) return from_component(component);
  const auto validated =
      TENON_TRY(component::validate(std::move(component), core::Features::all()));
  return world_of(validated);
}

}  // namespace tenon::wit
