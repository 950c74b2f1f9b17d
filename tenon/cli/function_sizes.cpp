// SPDX-License-Identifier: Apache-2.0
#include "tenon/cli/function_sizes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "tenon/core/decode.h"
#include "tenon/core/names.h"

namespace tenon::cli {
namespace {

void add_module(ByteSpan bytes, std::uint32_t number, std::vector<FunctionSize>& out) {
  const auto module = core::decode(Blob::borrow(bytes), core::Features::all(), Span::no_source);
  if (!module) return;
  std::map<std::uint32_t, std::string_view> names;
  for (const core::Export& e : module->exports) {
    if (e.kind == core::ExternKind::func) names.emplace(e.index, e.name);
  }
  const core::Names section = core::names_of(*module);
  for (const core::NameAssoc& name : section.funcs) names[name.index] = name.name;
  for (std::uint32_t i = 0; i < module->codes.size(); ++i) {
    const std::uint32_t index = module->num_imported_funcs + i;
    const auto name = names.find(index);
    out.push_back({number, index, name == names.end() ? std::string() : std::string(name->second),
                   module->codes[i].entry.size()});
  }
}

}  // namespace

std::vector<FunctionSize> function_sizes(const Input& input, const std::vector<Section>& sections) {
  std::vector<FunctionSize> out;
  std::uint32_t modules = 0;
  if (!input.is_component()) add_module(input.bytes, modules, out);
  for (const Section& section : sections) {
    if (section.is_core_module()) add_module(section.content.in(input.bytes), modules++, out);
  }
  std::ranges::sort(out, [](const FunctionSize& a, const FunctionSize& b) {
    return std::tuple(b.bytes, a.module, a.index) < std::tuple(a.bytes, b.module, b.index);
  });
  return out;
}

}  // namespace tenon::cli
