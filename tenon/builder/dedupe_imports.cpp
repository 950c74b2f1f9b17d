// SPDX-License-Identifier: Apache-2.0
// Linkers that join objects by their imports, Go's among them, leave one import for each object.
#include "tenon/builder/dedupe_imports.h"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "tenon/core/decode.h"
#include "tenon/core/encode.h"

namespace tenon::builder {
namespace {

/// Both names as one key: the length keeps `a` `bc` and `ab` `c` apart.
std::string key_of(std::string_view module, std::string_view name) {
  return fmt::format("{}:{}{}", module.size(), module, name);
}

/// The module's bytes with other contents of its import section.
std::vector<std::uint8_t> with_imports(const core::Module& module, const Writer& imports) {
  const ByteSpan bytes = module.bytes.view();
  Writer out;
  out.raw().reserve(bytes.size() + imports.view().size());
  std::size_t at = 8;
  out.bytes(bytes.first(at));
  for (const core::SectionRange& section : module.sections) {
    if (section.id == core::SectionId::import_) {
      out.u8(static_cast<std::uint8_t>(section.id));
      out.sized_bytes(imports.view());
    } else {
      out.bytes(bytes.subspan(at, section.content.end - at));
    }
    at = section.content.end;
  }
  return out.take();
}

}  // namespace

Result<Deduplicated> dedupe_imports(const core::Module& module) {
  Deduplicated out;
  std::unordered_set<std::string> taken;
  // A name that stood twice begins its next search where the last one ended.
  std::unordered_map<std::string, std::uint32_t> versions;
  std::vector<std::string> names;
  names.reserve(module.imports.size());
  for (const core::Import& i : module.imports) taken.insert(key_of(i.module, i.name));
  std::unordered_set<std::string> seen;
  for (const core::Import& i : module.imports) {
    names.emplace_back(i.name);
    std::string key = key_of(i.module, i.name);
    if (seen.insert(key).second) continue;
    std::uint32_t& version = versions.try_emplace(std::move(key), 2U).first->second;
    do {
      names.back() = fmt::format("{} [v{}]", i.name, version++);
    } while (!taken.insert(key_of(i.module, names.back())).second);
    out.asked.emplace(names.size() - 1, i.name);
  }
  if (out.asked.empty()) return out;
  Writer imports;
  imports.u32(static_cast<std::uint32_t>(names.size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    imports.name(module.imports[i].module);
    imports.name(names[i]);
    core::write_externtype(imports, module.imports[i].type);
  }
  out.module = TENON_TRY(
      core::decode(Blob::own(with_imports(module, imports)), core::Features::all(), module.source));
  return out;
}

}  // namespace tenon::builder
