// SPDX-License-Identifier: Apache-2.0

// Core modules against the module types that components import. Types of modules are equal when
// their recursion groups are, which only one registry can tell: so both sides are interned into a
// third.
#include "tenon/component/match_core.h"

#include <fmt/format.h>

#include "tenon/component/subtype.h"
#include "tenon/component/type_text.h"

namespace tenon::component {

namespace {

core::ValType reindexed(core::ValType type, const std::vector<core::CanonIdx>& canon) {
  if (!type.is_ref() || !type.heap().is_defined()) return type;
  return core::ValType::ref(core::TypeIdx(canon[type.heap().index().value].value), type.nullable());
}

core::ExternType reindexed(core::ExternType type, const std::vector<core::CanonIdx>& canon) {
  switch (type.kind) {
    case core::ExternKind::func:
      type.func = core::TypeIdx(canon[type.func.value].value);
      break;
    case core::ExternKind::table:
      type.table.elem = reindexed(type.table.elem, canon);
      break;
    case core::ExternKind::mem:
      break;
    case core::ExternKind::global:
      type.global.type = reindexed(type.global.type, canon);
      break;
    case core::ExternKind::tag:
      type.tag.type = core::TypeIdx(canon[type.tag.type.value].value);
      break;
  }
  return type;
}

std::optional<Mismatch> too_many() {
  Mismatch out;
  out.kind = Mismatch::Kind::limit;
  return out;
}

}  // namespace

Result<CoreModuleTypeInfo> core_module_type(const core::Module& module, core::TypeRegistry& types) {
  const auto canon = TENON_TRY(types.intern(module.types.raw()));
  CoreModuleTypeInfo out;
  for (const core::Import& i : module.imports) {
    out.imports.push_back({std::string(i.module), std::string(i.name), reindexed(i.type, canon)});
  }
  for (const core::Export& e : module.exports)
    out.add_export(std::string(e.name), reindexed(type_of(module, e), canon));
  return out;
}

CoreMatcher::Shared CoreMatcher::brought_in(const CoreModuleTypeInfo& type,
                                            const core::TypeRegistry& from) {
  if (const auto it = known_.find(&type); it != known_.end()) return it->second;
  auto canon = canon_.find(&from);
  if (canon == canon_.end()) {
    auto interned = types_.intern(from);
    if (!interned) return nullptr;
    canon = canon_.emplace(&from, *std::move(interned)).first;
  }
  auto out = std::make_shared<CoreModuleTypeInfo>(type);
  for (auto& i : out->imports) i.type = reindexed(i.type, canon->second);
  for (auto& e : out->exports) e.second = reindexed(e.second, canon->second);
  return known_.emplace(&type, std::move(out)).first->second;
}

CoreMatcher::Shared CoreMatcher::brought_in(const core::Module& module) {
  if (const auto it = known_.find(&module); it != known_.end()) return it->second;
  auto type = core_module_type(module, types_);
  if (!type) return nullptr;
  return known_.emplace(&module, std::make_shared<const CoreModuleTypeInfo>(*std::move(type)))
      .first->second;
}

std::optional<Mismatch> CoreMatcher::module(const core::Module& actual,
                                            const CoreModuleTypeInfo& expected,
                                            const core::TypeRegistry& of_expected) {
  const Shared a = brought_in(actual);
  const Shared e = brought_in(expected, of_expected);
  if (a == nullptr || e == nullptr) return too_many();
  return compare(*a, *e);
}

std::optional<Mismatch> CoreMatcher::module(const CoreModuleTypeInfo& actual,
                                            const core::TypeRegistry& of_actual,
                                            const CoreModuleTypeInfo& expected,
                                            const core::TypeRegistry& of_expected) {
  const Shared a = brought_in(actual, of_actual);
  const Shared e = brought_in(expected, of_expected);
  if (a == nullptr || e == nullptr) return too_many();
  return compare(*a, *e);
}

std::optional<Mismatch> CoreMatcher::item(const core::ExternType& actual,
                                          const core::ExternType& expected) {
  if (!match_core(types_, actual, expected)) return {};
  Mismatch out;
  out.found = type_text(types_, actual);
  out.wanted = type_text(types_, expected);
  return out;
}

/// Imports of the actual module must be given by those of the expected type, exports the other way.
std::optional<Mismatch> CoreMatcher::compare(const CoreModuleTypeInfo& actual,
                                             const CoreModuleTypeInfo& expected) {
  const std::pair<const void*, const void*> both(&actual, &expected);
  if (equal_.contains(both)) return {};
  std::unordered_map<std::string, const core::ExternType*> given;
  for (const auto& i : expected.imports) given.emplace(import_key(i.module, i.name), &i.type);
  const auto missing = [&](Mismatch::Kind kind, const core::ExternType& type) {
    Mismatch out;
    out.kind = kind;
    out.wanted = type_text(types_, type);
    return std::optional(std::move(out));
  };
  for (const auto& i : actual.imports) {
    const auto it = given.find(import_key(i.module, i.name));
    auto why = it == given.end() ? missing(Mismatch::Kind::missing_import, i.type)
                                 : item(*it->second, i.type);
    if (!why) continue;
    why->path.push_back(fmt::format("import `{}` `{}`", i.module, i.name));
    return why;
  }
  for (const auto& [name, type] : expected.exports) {
    const core::ExternType* found = actual.find(name);
    auto why =
        found == nullptr ? missing(Mismatch::Kind::missing_export, type) : item(*found, type);
    if (!why) continue;
    why->path.push_back(fmt::format("export `{}`", name));
    return why;
  }
  equal_.insert(both);
  return {};
}

}  // namespace tenon::component
