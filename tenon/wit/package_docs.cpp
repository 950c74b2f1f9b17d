// SPDX-License-Identifier: Apache-2.0
// The `package-docs` section keeps docs and gates through the binary format. Its keys are those of
// wasm-tools. Reading is strict about gates, since they are printed as WIT and a binary may contain
// anything.
#include "tenon/wit/package_docs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tenon/base/json.h"
#include "tenon/types/semver.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

using Members = std::vector<Json::Member>;

/// Adds a member when there is something to say.
void put(Members& out, std::string_view name, Members members) {
  if (!members.empty()) out.emplace_back(name, Json::object(std::move(members)));
}

void put_docs(Members& out, std::string_view docs) {
  if (!docs.empty()) out.emplace_back("docs", Json::string(std::string(docs)));
}

Members stability_members(const Stability& s) {
  Members out;
  Members inner;
  if (s.since) inner.emplace_back("since", Json::string(std::string(*s.since)));
  if (s.unstable_feature)
    inner.emplace_back("feature", Json::string(std::string(*s.unstable_feature)));
  if (s.deprecated) inner.emplace_back("deprecated", Json::string(std::string(*s.deprecated)));
  if (s.since)
    put(out, "stable", std::move(inner));
  else if (s.unstable_feature)
    put(out, "unstable", std::move(inner));
  return out;
}

Members info_members(const ItemInfo& info) {
  Members out;
  put_docs(out, info.docs);
  put(out, "stability", stability_members(info.stability));
  return out;
}

Members type_members(const TypeDef& def) {
  Members out = info_members(def.info);
  const auto* made = std::get_if<DefValType>(&def.def);
  if (made == nullptr) return out;
  Members items;
  const auto add = [&](std::size_t i, const std::string& label) {
    if (i < def.member_docs.size() && !def.member_docs[i].empty())
      items.emplace_back(label, Json::string(std::string(*def.member_docs[i])));
  };
  each_label(*made, add);
  put(out, "items", std::move(items));
  return out;
}

Members interface_members(const Packages& packages, const Interface& i) {
  Members out = info_members(i.info);
  Members funcs;
  for (const Function& f : i.functions) put(funcs, f.name, info_members(f.info));
  put(out, "funcs", std::move(funcs));
  Members types;
  for (const auto& [name, idx] : i.types) put(types, name, type_members(packages.types[idx]));
  put(out, "types", std::move(types));
  return out;
}

/// What one direction of a world says, sorted as the format wants it.
struct Direction {
  Members interfaces;
  Members types;
  Members funcs;
  Members stability;
  Members docs;
};

Direction direction(const Packages& packages, const std::vector<WorldItem>& items) {
  Direction out;
  for (const WorldItem& item : items) {
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
      const Interface& i = packages.interfaces[*interface];
      if (!i.name) {
        Interface merged = i;
        if (merged.info.docs.empty()) merged.info.docs = item.info.docs;
        if (!merged.info.stability.since && !merged.info.stability.unstable_feature)
          merged.info.stability = item.info.stability;
        put(out.interfaces, item.name, interface_members(packages, merged));
        continue;
      }
      put(out.stability, item.name, stability_members(item.info.stability));
      if (!item.info.docs.empty())
        out.docs.emplace_back(item.name, Json::string(std::string(*item.info.docs)));
    } else if (const auto* f = std::get_if<Function>(&item.item)) {
      put(out.funcs, item.name, info_members(f->info.docs.empty() ? item.info : f->info));
    } else {
      put(out.types, item.name, type_members(packages.types[std::get<TypeIdx>(item.item)]));
    }
  }
  return out;
}

Members world_members(const Packages& packages, const World& w) {
  Members out = info_members(w.info);
  Direction imports = direction(packages, w.imports);
  Direction exports = direction(packages, w.exports);
  put(out, "interfaces", std::move(imports.interfaces));
  put(out, "types", std::move(imports.types));
  put(out, "funcs", std::move(imports.funcs));
  put(out, "interface_exports", std::move(exports.interfaces));
  put(out, "func_exports", std::move(exports.funcs));
  put(out, "interface_import_stability", std::move(imports.stability));
  put(out, "interface_export_stability", std::move(exports.stability));
  put(out, "interface_import_docs", std::move(imports.docs));
  put(out, "interface_export_docs", std::move(exports.docs));
  return out;
}

// Reading.

/// The members of an object by name: for many look-ups.
class Table {
 public:
  explicit Table(const Json* object) {
    if (object == nullptr) return;
    for (const Json::Member& member : object->members())
      members_.emplace(member.first, &member.second);
  }
  [[nodiscard]] const Json* find(std::string_view name) const {
    const auto it = members_.find(name);
    return it == members_.end() ? nullptr : it->second;
  }

 private:
  std::unordered_map<std::string_view, const Json*> members_;
};

std::string text_of(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value != nullptr && value->is_string() ? value->text() : std::string();
}

/// A text of a gate is printed as part of WIT: it has to be what the grammar has there.
Result<SharedText> gate_text(const Json& object, std::string_view name,
                             bool (*fits)(std::string_view), std::string_view wanted) {
  const Json* value = object.find(name);
  if (value == nullptr || value->is_null()) return SharedText();
  if (value->is_string() && fits(value->text())) return SharedText(value->text());
  const std::string found =
      value->is_string() ? fmt::format("`{}`", value->text()) : value->describe();
  return std::unexpected(Error(rules::package_docs, Span::none(),
                               fmt::format("found {} as `{}`, wanted {}", found, name, wanted)));
}

/// Spec: WIT.md "Feature Gates".
Result<void> apply_stability(Stability& out, const Json& json) {
  for (const char* kind : {"stable", "unstable"}) {
    const Json* inner = json.find(kind);
    if (inner == nullptr) continue;
    out.since =
        TENON_TRY(gate_text(*inner, "since", types::is_semver, "a version such as `1.2.3`"));
    out.unstable_feature =
        TENON_TRY(gate_text(*inner, "feature", is_kebab, "a name such as `my-feature`"));
    out.deprecated =
        TENON_TRY(gate_text(*inner, "deprecated", types::is_semver, "a version such as `1.2.3`"));
  }
  return {};
}

Result<void> apply_info(ItemInfo& info, const Json& json) {
  if (const std::string docs = text_of(json, "docs"); !docs.empty()) info.docs = docs;
  if (const Json* stability = json.find("stability"))
    TENON_TRY(apply_stability(info.stability, *stability));
  return {};
}

Result<void> apply_type(TypeDef& def, const Json& json) {
  TENON_TRY(apply_info(def.info, json));
  const Json* items = json.find("items");
  const auto* made = std::get_if<DefValType>(&def.def);
  if (items == nullptr || made == nullptr) return {};
  const Table table(items);
  each_label(*made, [&](std::size_t i, const std::string& label) {
    def.member_docs.resize(std::max(def.member_docs.size(), i + 1));
    const Json* one = table.find(label);
    if (one != nullptr && one->is_string()) def.member_docs[i] = one->text();
  });
  return {};
}

Result<void> apply_interface(Packages& packages, Interface& i, const Json& json) {
  TENON_TRY(apply_info(i.info, json));
  const Table funcs(json.find("funcs"));
  for (Function& f : i.functions) {
    if (const Json* one = funcs.find(f.name)) TENON_TRY(apply_info(f.info, *one));
  }
  const Table types(json.find("types"));
  for (const auto& [name, idx] : i.types) {
    if (const Json* one = types.find(name)) TENON_TRY(apply_type(packages.types[idx], *one));
  }
  return {};
}

struct DirectionNames {
  const char* interfaces;
  const char* funcs;
  const char* stability;
  const char* docs;
};

Result<void> apply_items(Packages& packages, std::vector<WorldItem>& items, const Json& json,
                         const DirectionNames& names) {
  const Table interfaces(json.find(names.interfaces));
  const Table funcs(json.find(names.funcs));
  const Table stability(json.find(names.stability));
  const Table docs(json.find(names.docs));
  const Table types(json.find("types"));
  for (WorldItem& item : items) {
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
      Interface& i = packages.interfaces[*interface];
      if (const Json* one = i.name ? nullptr : interfaces.find(item.name)) {
        TENON_TRY(apply_interface(packages, i, *one));
        TENON_TRY(apply_info(item.info, *one));
      }
      if (const Json* one = stability.find(item.name))
        TENON_TRY(apply_stability(item.info.stability, *one));
      if (const Json* one = docs.find(item.name); one != nullptr && one->is_string())
        item.info.docs = one->text();
    } else if (auto* f = std::get_if<Function>(&item.item)) {
      if (const Json* one = funcs.find(item.name)) {
        TENON_TRY(apply_info(f->info, *one));
        TENON_TRY(apply_info(item.info, *one));
      }
    } else if (const Json* one = types.find(item.name)) {
      TypeDef& def = packages.types[std::get<TypeIdx>(item.item)];
      TENON_TRY(apply_type(def, *one));
      item.info = def.info;
    }
  }
  return {};
}

}  // namespace

std::vector<std::uint8_t> encode_package_docs(const Packages& packages, PackageIdx package) {
  const Package& p = packages.packages[package];
  Members out;
  put_docs(out, p.info.docs);
  Members worlds;
  for (const auto& [name, idx] : p.worlds)
    put(worlds, name, world_members(packages, packages.worlds[idx]));
  put(out, "worlds", std::move(worlds));
  Members interfaces;
  for (const auto& [name, idx] : p.interfaces)
    put(interfaces, name, interface_members(packages, packages.interfaces[idx]));
  put(out, "interfaces", std::move(interfaces));
  const std::string text = Json::object(std::move(out)).dump();
  std::vector<std::uint8_t> bytes{1};
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

Result<void> apply_package_docs(Packages& packages, PackageIdx package, ByteSpan content) {
  if (content.empty() || content[0] > 1)
    return std::unexpected(Error(rules::binary_wit, Span::none(),
                                 "the section `package-docs` is of an unknown version"));
  const std::string_view text(reinterpret_cast<const char*>(content.data()) + 1,
                              content.size() - 1);
  const Json json = TENON_TRY(Json::parse(text));
  Package& p = packages.packages[package];
  if (const std::string docs = text_of(json, "docs"); !docs.empty()) p.info.docs = docs;
  const Table worlds(json.find("worlds"));
  for (const auto& [name, idx] : p.worlds) {
    if (const Json* one = worlds.find(name)) {
      World& w = packages.worlds[idx];
      TENON_TRY(apply_info(w.info, *one));
      TENON_TRY(apply_items(
          packages, w.imports, *one,
          {"interfaces", "funcs", "interface_import_stability", "interface_import_docs"}));
      TENON_TRY(apply_items(packages, w.exports, *one,
                            {"interface_exports", "func_exports", "interface_export_stability",
                             "interface_export_docs"}));
    }
  }
  const Table interfaces(json.find("interfaces"));
  for (const auto& [name, idx] : p.interfaces) {
    if (const Json* one = interfaces.find(name))
      TENON_TRY(apply_interface(packages, packages.interfaces[idx], *one));
  }
  return {};
}

}  // namespace tenon::wit
