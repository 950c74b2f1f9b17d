// SPDX-License-Identifier: Apache-2.0
// The structure and key names are those that `wasm-tools component wit --json` writes, so that
// readers of its output can read this one: types, interfaces and worlds refer to each other by
// index.
#include "tenon/wit/json.h"

#include <utility>

namespace tenon::wit {
namespace {

using Members = std::vector<Json::Member>;

Json number(std::uint32_t value) {
  return Json::number(static_cast<std::int64_t>(value));
}

Json object(std::string_view name, Json value) {
  Members out;
  out.emplace_back(name, std::move(value));
  return Json::object(std::move(out));
}

Json type_json(ValType type) {
  return type.is_prim() ? Json::string(std::string(to_string(type.prim())))
                        : number(type.index().value);
}

Json maybe_type(std::optional<ValType> type) {
  return type ? type_json(*type) : Json();
}

void put_docs(Members& out, std::string_view docs) {
  if (!docs.empty()) out.emplace_back("docs", object("contents", Json::string(std::string(docs))));
}

void put_stability(Members& out, const Stability& s) {
  Members inner;
  if (s.since) inner.emplace_back("since", Json::string(std::string(*s.since)));
  if (s.unstable_feature)
    inner.emplace_back("feature", Json::string(std::string(*s.unstable_feature)));
  if (s.deprecated) inner.emplace_back("deprecated", Json::string(std::string(*s.deprecated)));
  if (s.since || s.unstable_feature)
    out.emplace_back("stability",
                     object(s.since ? "stable" : "unstable", Json::object(std::move(inner))));
}

void put_info(Members& out, const ItemInfo& info) {
  put_docs(out, info.docs);
  put_stability(out, info.stability);
  if (info.external_id)
    out.emplace_back("external_id", Json::string(std::string(*info.external_id)));
}

Json member(const std::string& name, std::string_view docs) {
  Members out;
  out.emplace_back("name", Json::string(name));
  put_docs(out, docs);
  return Json::object(std::move(out));
}

std::string_view docs_of(const TypeDef& def, std::size_t i) {
  return i < def.member_docs.size() ? def.member_docs[i].view() : std::string_view();
}

/// A member with its type between name and docs.
Json typed_member(const std::string& name, Json type, std::string_view docs) {
  Members out;
  out.emplace_back("name", Json::string(name));
  out.emplace_back("type", std::move(type));
  put_docs(out, docs);
  return Json::object(std::move(out));
}

Json labels_json(const TypeDef& def, const std::vector<std::string>& labels) {
  std::vector<Json> out;
  for (std::size_t i = 0; i < labels.size(); ++i) out.push_back(member(labels[i], docs_of(def, i)));
  return Json::array(std::move(out));
}

Json structure_json(const TypeDef& def, const DefValType& structure) {
  return std::visit(
      overloaded{
          [&](component::PrimValType t) { return object("type", type_json(t)); },
          [&](const component::Record& t) {
            std::vector<Json> fields;
            for (std::size_t i = 0; i < t.fields.size(); ++i)
              fields.push_back(
                  typed_member(t.fields[i].label, type_json(t.fields[i].type), docs_of(def, i)));
            return object("record", object("fields", Json::array(std::move(fields))));
          },
          [&](const component::Variant& t) {
            std::vector<Json> cases;
            for (std::size_t i = 0; i < t.cases.size(); ++i)
              cases.push_back(
                  typed_member(t.cases[i].label, maybe_type(t.cases[i].type), docs_of(def, i)));
            return object("variant", object("cases", Json::array(std::move(cases))));
          },
          [&](const component::List& t) {
            if (!t.length) return object("list", type_json(t.elem));
            return object("fixed-length-list", Json::array({type_json(t.elem), number(*t.length)}));
          },
          [&](const component::Tuple& t) {
            std::vector<Json> types;
            for (const ValType one : t.types) types.push_back(type_json(one));
            return object("tuple", object("types", Json::array(std::move(types))));
          },
          [&](const component::Flags& t) {
            return object("flags", object("flags", labels_json(def, t.labels)));
          },
          [&](const component::Enum& t) {
            return object("enum", object("cases", labels_json(def, t.labels)));
          },
          [&](const component::Option& t) { return object("option", type_json(t.type)); },
          [&](const component::ResultType& t) {
            Members out;
            out.emplace_back("ok", maybe_type(t.ok));
            out.emplace_back("err", maybe_type(t.err));
            return object("result", Json::object(std::move(out)));
          },
          [&](const component::Own& t) {
            return object("handle", object("own", number(t.resource.value)));
          },
          [&](const component::Borrow& t) {
            return object("handle", object("borrow", number(t.resource.value)));
          },
          [&](const component::Stream& t) { return object("stream", maybe_type(t.type)); },
          [&](const component::Future& t) { return object("future", maybe_type(t.type)); },
          [&](const component::Map& t) {
            return object("map", Json::array({type_json(t.key), type_json(t.value)}));
          },
      },
      structure);
}

Json type_def_json(const TypeDef& def) {
  Members out;
  out.emplace_back("name", def.name ? Json::string(*def.name) : Json());
  out.emplace_back(
      "kind", std::visit(overloaded{
                             [](const Resource&) { return Json::string("resource"); },
                             [](const TypeAlias& a) { return object("type", type_json(a.target)); },
                             [&](const DefValType& d) { return structure_json(def, d); },
                         },
                         def.def));
  out.emplace_back(
      "owner", std::visit(overloaded{
                              [](std::monostate) { return Json(); },
                              [](InterfaceIdx i) { return object("interface", number(i.value)); },
                              [](WorldIdx w) { return object("world", number(w.value)); },
                          },
                          def.owner));
  put_info(out, def.info);
  return Json::object(std::move(out));
}

/// "async-method", "static-getter", and "setter" of what is freestanding.
Json function_kind(const Function& f) {
  const bool is_accessor = f.accessor != Accessor::none;
  const std::string accessor = f.accessor == Accessor::get ? "getter" : "setter";
  const auto word = [&](std::string_view name) {
    const std::string kind(name);
    if (is_accessor) return kind + "-" + accessor;
    return f.async_ ? "async-" + kind : kind;
  };
  switch (f.kind) {
    case FuncKind::freestanding:
      return Json::string(is_accessor ? accessor : word("freestanding"));
    case FuncKind::method:
      return object(word("method"), number(f.resource.value));
    case FuncKind::static_:
      return object(word("static"), number(f.resource.value));
    case FuncKind::constructor:
      return object("constructor", number(f.resource.value));
  }
  return {};
}

Json function_json(const Function& f, const ItemInfo& info) {
  Members out;
  out.emplace_back("name", Json::string(f.name));
  out.emplace_back("kind", function_kind(f));
  std::vector<Json> params;
  for (const Param& param : f.params) {
    Members one;
    one.emplace_back("name", Json::string(param.name));
    one.emplace_back("type", type_json(param.type));
    params.push_back(Json::object(std::move(one)));
  }
  out.emplace_back("params", Json::array(std::move(params)));
  if (f.result) out.emplace_back("result", type_json(*f.result));
  put_info(out, info);
  return Json::object(std::move(out));
}

Json interface_json(const Interface& i) {
  Members out;
  out.emplace_back("name", i.name ? Json::string(*i.name) : Json());
  Members types;
  for (const auto& [name, idx] : i.types) types.emplace_back(name, number(idx.value));
  out.emplace_back("types", Json::object(std::move(types)));
  Members functions;
  for (const Function& f : i.functions) functions.emplace_back(f.name, function_json(f, f.info));
  out.emplace_back("functions", Json::object(std::move(functions)));
  put_info(out, i.info);
  out.emplace_back("package", number(i.package.value));
  return Json::object(std::move(out));
}

Json world_items(const Packages& packages, const std::vector<WorldItem>& items) {
  Members out;
  for (const WorldItem& item : items) {
    if (const auto* interface = std::get_if<InterfaceIdx>(&item.item)) {
      const bool named = packages.interfaces[*interface].name.has_value();
      Members inner;
      inner.emplace_back("id", number(interface->value));
      // An inline interface carries its docs itself.
      ItemInfo info = item.info;
      if (!named) info.docs.reset();
      put_info(inner, info);
      std::string key =
          named && !item.implements ? "interface-" + std::to_string(interface->value) : item.name;
      out.emplace_back(std::move(key), object("interface", Json::object(std::move(inner))));
    } else if (const auto* f = std::get_if<Function>(&item.item)) {
      out.emplace_back(
          item.name,
          object("function", function_json(*f, item.info.docs.empty() ? f->info : item.info)));
    } else {
      out.emplace_back(item.name, object("type", number(std::get<TypeIdx>(item.item).value)));
    }
  }
  return Json::object(std::move(out));
}

Json package_json(const Package& p) {
  Members out;
  out.emplace_back("name", Json::string(p.name.to_string()));
  put_docs(out, p.info.docs);
  Members interfaces;
  for (const auto& [name, idx] : p.interfaces) interfaces.emplace_back(name, number(idx.value));
  out.emplace_back("interfaces", Json::object(std::move(interfaces)));
  Members worlds;
  for (const auto& [name, idx] : p.worlds) worlds.emplace_back(name, number(idx.value));
  out.emplace_back("worlds", Json::object(std::move(worlds)));
  return Json::object(std::move(out));
}

}  // namespace

Json to_json(const Packages& packages) {
  std::vector<Json> worlds;
  for (const World& w : packages.worlds) {
    Members out;
    out.emplace_back("name", Json::string(w.name));
    out.emplace_back("imports", world_items(packages, w.imports));
    out.emplace_back("exports", world_items(packages, w.exports));
    out.emplace_back("package", number(w.package.value));
    put_info(out, w.info);
    worlds.push_back(Json::object(std::move(out)));
  }
  std::vector<Json> interfaces;
  for (const Interface& i : packages.interfaces) interfaces.push_back(interface_json(i));
  std::vector<Json> types;
  for (const TypeDef& def : packages.types) types.push_back(type_def_json(def));
  std::vector<Json> all;
  for (const Package& p : packages.packages) all.push_back(package_json(p));
  Members out;
  out.emplace_back("worlds", Json::array(std::move(worlds)));
  out.emplace_back("interfaces", Json::array(std::move(interfaces)));
  out.emplace_back("types", Json::array(std::move(types)));
  out.emplace_back("packages", Json::array(std::move(all)));
  return Json::object(std::move(out));
}

}  // namespace tenon::wit
