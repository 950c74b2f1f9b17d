// SPDX-License-Identifier: Apache-2.0
// If two linked components export the same name, which one counts would depend on their order: it
// is an error if something imports that name, unless the later one imports it too and so wraps the
// first.
#include "tenon/runtime/linked_exports.h"

#include <fmt/format.h>

#include <set>

#include "tenon/base/safe_text.h"
#include "tenon/runtime/rules.h"

namespace tenon::runtime {

Error exported_twice(Span span, std::string_view item, std::string_view first,
                     std::string_view second) {
  return Error(rules::import_defined_twice, span,
               fmt::format("{} is exported by `{}` and by `{}`", item, first, second))
      .help("link only one of the two, or let the later one import what it replaces");
}

Result<void> LinkedExports::check(const component::ComponentInfo& info) const {
  for (const auto& import : info.imports) {
    const auto it = names_.find(import.name->name);
    if (it == names_.end() || it->second.second.empty()) continue;
    return std::unexpected(exported_twice(Span::none(), fmt::format("`{}`", visible(it->first)),
                                          it->second.first, it->second.second));
  }
  return {};
}

Result<void> LinkedExports::add(const component::ComponentInfo& info, std::string_view source) {
  TENON_TRY(check(info));
  std::set<std::string_view> imported;
  for (const auto& import : info.imports) imported.insert(import.name->name);
  for (const auto& e : info.exports) {
    const std::string& name = e.name->name;
    const auto [it, fresh] = names_.try_emplace(name, Exporters{std::string(source), {}});
    if (fresh) continue;
    if (imported.contains(name)) {
      it->second = {std::string(source), {}};
    } else {
      it->second.second = source;
    }
  }
  return {};
}

}  // namespace tenon::runtime
