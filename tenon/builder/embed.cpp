// SPDX-License-Identifier: Apache-2.0
#include "tenon/builder/embed.h"

#include <fmt/format.h>

#include "tenon/builder/rules.h"
#include "tenon/core/decode.h"
#include "tenon/wit/component_type.h"

namespace tenon::builder {

Result<std::vector<std::uint8_t>> embed(ByteSpan module, const wit::Packages& packages, wit::WorldIdx world) {
  if (core::is_component(module))
    return std::unexpected(Error(rules::not_core_module, Span::none(), "found a component, wanted a core module")
                               .help("WIT is embedded into core modules; a component has its types already"));
  const core::Module decoded = TENON_TRY(core::decode(Blob::borrow(module), core::Features::all()));
  const std::string name = wit::component_type_section_name(packages, world);
  std::vector<std::uint8_t> out(module.begin(), module.begin() + 8);
  std::size_t at = 8;
  // Sections are copied whole, all but the one that is replaced.
  for (const core::SectionRange& section : decoded.sections) {
    const bool replaced = section.id == core::SectionId::custom && [&] {
      Reader in(section.content.in(module));
      const auto section_name = in.name("name");
      return section_name && *section_name == name;
    }();
    const std::size_t end = section.content.end;
    if (!replaced) out.insert(out.end(), module.begin() + static_cast<std::ptrdiff_t>(at), module.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  Writer content;
  content.name(name);
  content.bytes(wit::encode_component_type(packages, world));
  Writer section;
  section.u8(0);
  section.sized_bytes(content.view());
  out.insert(out.end(), section.view().begin(), section.view().end());
  return out;
}

}  // namespace tenon::builder
