// SPDX-License-Identifier: Apache-2.0
// The module is edited as bytes: it may be one that this version cannot write again unchanged. An
// older section for the same world is replaced, so that embedding twice is the same as once.
#include "tenon/builder/embed.h"

#include <fmt/format.h>

#include "tenon/builder/rules.h"
#include "tenon/core/decode.h"
#include "tenon/wit/component_type.h"

namespace tenon::builder {
namespace {

/// The bytes of a decoded module without the custom sections of a name; what stays is copied as it
/// is.
std::vector<std::uint8_t> without_custom_sections(const core::Module& module,
                                                  std::string_view dropped) {
  const ByteSpan bytes = module.bytes.view();
  std::vector<std::uint8_t> out;
  out.reserve(bytes.size());
  std::size_t from = 0;
  std::size_t at = 8;
  const auto copy = [&](std::size_t end) {
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from),
               bytes.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const core::SectionRange& section : module.sections) {
    if (section.id == core::SectionId::custom) {
      Reader in(section.content.in(bytes));
      const auto name = in.name("name");
      if (name && *name == dropped) {
        copy(at);
        from = section.content.end;
      }
    }
    at = section.content.end;
  }
  copy(bytes.size());
  return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> embed(ByteSpan module, const wit::Packages& packages,
                                        wit::WorldIdx world, std::uint32_t source,
                                        component::StringEncoding encoding) {
  if (core::is_component(module))
    return std::unexpected(
        Error(rules::not_core_module, Span::none(), "found a component, wanted a core module")
            .help("WIT is embedded into core modules; a component has its types already"));
  const core::Module decoded =
      TENON_TRY(core::decode(Blob::borrow(module), core::Features::all(), source));
  const std::string name = wit::component_type_section_name(packages, world);
  const std::vector<std::uint8_t> type =
      TENON_TRY(wit::encode_component_type(packages, world, encoding));
  std::vector<std::uint8_t> out = without_custom_sections(decoded, name);
  Writer content;
  content.name(name);
  content.bytes(type);
  Writer section;
  section.u8(0);
  section.sized_bytes(content.view());
  out.insert(out.end(), section.view().begin(), section.view().end());
  return out;
}

}  // namespace tenon::builder
