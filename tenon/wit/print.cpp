// SPDX-License-Identifier: Apache-2.0
// Output that reads back as the same packages: `use`s are grouped by interface and gates, keywords
// get a `%`, and characters that WIT forbids are escaped, since names and docs of a binary may
// contain them. Other packages are sorted by name, which keeps the output the same when it is read
// and printed again.
#include "tenon/wit/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"
#include "tenon/wit/lex.h"

namespace tenon::wit {
namespace {

/// A character as WIT's string literals and as readers of docs have it.
void append_escape(std::string& out, char32_t c) {
  out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
}

/// Quoted text with what is unseen, or what no WIT may contain, escaped.
std::string string_literal(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = next_scalar(text, at);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7F) {
      out += fmt::format("\\{:02x}", static_cast<std::uint32_t>(c));
    } else if (is_unseen(c) || is_forbidden(c)) {
      append_escape(out, c);
    } else {
      out += text.substr(from, at - from);
    }
  }
  return out + '"';
}

/// One line of docs. Those of a binary may hold what no WIT may contain.
std::string doc_line(std::string_view line) {
  const std::string safe = comment_line(line, Splices::no);
  std::string out;
  for (std::size_t at = 0; at < safe.size();) {
    const std::size_t from = at;
    const char32_t c = next_scalar(safe, at);
    if (is_forbidden(c) && c != '\t')
      append_escape(out, c);
    else
      out.append(safe, from, at - from);
  }
  return out;
}

class Printer {
 public:
  Printer(const Packages& packages, const PrintOptions& options)
      : packages_(packages), options_(options) {}

  void file(PackageIdx package) {
    const Package& p = packages_.packages[package];
    info(p.info);
    line(fmt::format("package {};", package_text(p.name)));
    out_ += '\n';
    items(package);
  }

  void nested(PackageIdx package) {
    const Package& p = packages_.packages[package];
    info(p.info);
    open(fmt::format("package {}", package_text(p.name)));
    items(package);
    close();
  }

  void blank() { out_ += '\n'; }
  std::string take() { return std::move(out_); }

 private:
  static std::string package_text(const PackageName& name) {
    std::string out = path_text(name);
    if (name.version) out += "@" + *name.version;
    return out;
  }
  /// `ns:name`, each part with a `%` where it needs one.
  static std::string path_text(const PackageName& name) {
    const std::string whole = name.ns + ":" + name.name;
    std::string out;
    for (std::size_t at = 0; at < whole.size();) {
      const std::size_t end = std::min(whole.find_first_of(":/", at), whole.size());
      out += name_text(whole.substr(at, end - at));
      if (end < whole.size()) out += whole[end];
      at = end + 1;
    }
    return out;
  }

  void line(std::string_view text) {
    out_.append(depth_ * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  void open(std::string_view text) {
    line(fmt::format("{} {{", text));
    ++depth_;
  }
  void close() {
    --depth_;
    line("}");
  }

  void docs(std::string_view text) {
    if (!options_.docs || text.empty()) return;
    each_source_line(text, [&](std::string_view one) {
      line(one.empty() ? std::string("///") : fmt::format("/// {}", doc_line(one)));
    });
  }

  void info(const ItemInfo& info) {
    docs(info.docs);
    const Stability& s = info.stability;
    if (options_.gates) {
      if (s.unstable_feature)
        line(fmt::format("@unstable(feature = {})", name_text(*s.unstable_feature)));
      if (s.since) line(fmt::format("@since(version = {})", *s.since));
      if (s.deprecated) line(fmt::format("@deprecated(version = {})", *s.deprecated));
    }
    if (info.external_id) line(fmt::format("@external-id({})", string_literal(*info.external_id)));
  }

  void items(PackageIdx package) {
    const Package& p = packages_.packages[package];
    bool first = true;
    for (const auto& [name, idx] : p.interfaces) {
      if (!std::exchange(first, false)) blank();
      const Interface& i = packages_.interfaces[idx];
      info(i.info);
      open(fmt::format("interface {}", name_text(name)));
      interface_body(i);
      close();
    }
    for (const auto& [name, idx] : p.worlds) {
      if (!std::exchange(first, false)) blank();
      const World& w = packages_.worlds[idx];
      info(w.info);
      open(fmt::format("world {}", name_text(name)));
      world_body(w);
      close();
    }
  }

  /// `types.{a, b as c}` of those types that one interface gives; those of the same gates stand
  /// together.
  void uses(const std::vector<TypeIdx>& types, PackageIdx here) {
    struct Group {
      InterfaceIdx from;
      Stability stability;
      std::string names;
    };
    std::vector<Group> groups;
    std::map<std::tuple<std::uint32_t, std::string, std::string, std::string>, std::size_t> places;
    for (const TypeIdx idx : types) {
      const TypeDef& def = packages_.types[idx];
      const Stability& s = def.info.stability;
      const InterfaceIdx from = owner_of(def);
      const auto key = std::tuple(from.value, std::string(*s.since),
                                  std::string(*s.unstable_feature), std::string(*s.deprecated));
      const auto [place, fresh] = places.emplace(key, groups.size());
      if (fresh) groups.push_back({from, s, {}});
      std::string& names = groups[place->second].names;
      const std::string& theirs =
          *packages_.types[std::get<TypeAlias>(def.def).target.index()].name;
      if (!names.empty()) names += ", ";
      names += name_text(theirs);
      if (theirs != *def.name) names += " as " + name_text(*def.name);
    }
    for (const Group& group : groups) {
      ItemInfo gates;
      gates.stability = group.stability;
      info(gates);
      line(fmt::format("use {}.{{{}}};", path(group.from, here), group.names));
    }
  }

  InterfaceIdx owner_of(const TypeDef& used) const {
    const ValType target = std::get<TypeAlias>(used.def).target;
    return std::get<InterfaceIdx>(packages_.types[target.index()].owner);
  }

  [[nodiscard]] std::string path(InterfaceIdx interface, PackageIdx here) const {
    const Interface& i = packages_.interfaces[interface];
    const PackageName& package = packages_.packages[i.package].name;
    if (i.package == here) return name_text(*i.name);
    std::string out = fmt::format("{}/{}", path_text(package), name_text(*i.name));
    if (package.version) out += "@" + *package.version;
    return out;
  }

  void interface_body(const Interface& i) {
    std::vector<TypeIdx> used;
    for (const auto& [name, idx] : i.types) {
      if (packages_.types[idx].used) used.push_back(idx);
    }
    uses(used, i.package);
    bool first = used.empty();
    const auto methods = functions_by_resource(i.functions);
    for (const auto& [name, idx] : i.types) {
      const TypeDef& def = packages_.types[idx];
      if (def.used) continue;
      if (!std::exchange(first, false)) blank();
      const auto own = methods.find(idx);
      type(def, own == methods.end() ? std::vector<const Function*>() : own->second);
    }
    for (const Function& f : i.functions) {
      if (f.kind != FuncKind::freestanding) continue;
      if (!std::exchange(first, false)) blank();
      info(f.info);
      line(fmt::format("{}: {};", name_text(f.item_name()), func_text(packages_, f)));
    }
  }

  void members(const TypeDef& def, const DefValType& made, std::string_view keyword) {
    open(fmt::format("{} {}", keyword, name_text(*def.name)));
    each_label(made, [&](std::size_t i, const std::string& label) {
      if (i < def.member_docs.size()) docs(def.member_docs[i]);
      std::string text = name_text(label);
      if (const auto* record = std::get_if<component::Record>(&made)) {
        text += ": " + type_text(packages_, record->fields[i].type);
      } else if (const auto* variant = std::get_if<component::Variant>(&made)) {
        if (variant->cases[i].type)
          text += "(" + type_text(packages_, *variant->cases[i].type) + ")";
      }
      line(text + ",");
    });
    close();
  }

  void type(const TypeDef& def, const std::vector<const Function*>& methods) {
    info(def.info);
    const std::string name = name_text(*def.name);
    if (std::holds_alternative<Resource>(def.def)) {
      resource(name, methods);
    } else if (const auto* alias = std::get_if<TypeAlias>(&def.def)) {
      line(fmt::format("type {} = {};", name, type_text(packages_, alias->target)));
    } else {
      const auto& made = std::get<DefValType>(def.def);
      if (std::holds_alternative<component::Record>(made)) {
        members(def, made, "record");
      } else if (std::holds_alternative<component::Variant>(made)) {
        members(def, made, "variant");
      } else if (std::holds_alternative<component::Enum>(made)) {
        members(def, made, "enum");
      } else if (std::holds_alternative<component::Flags>(made)) {
        members(def, made, "flags");
      } else if (const auto* own = std::get_if<component::Own>(&made)) {
        line(fmt::format("type {} = own<{}>;", name, type_text(packages_, own->resource)));
      } else {
        line(fmt::format("type {} = {};", name, structure_text(made)));
      }
    }
  }

  void resource(const std::string& name, const std::vector<const Function*>& methods) {
    if (methods.empty()) return line(fmt::format("resource {};", name));
    open(fmt::format("resource {}", name));
    for (const Function* f : methods) {
      info(f->info);
      if (f->kind == FuncKind::constructor) {
        line(fmt::format("constructor{};", signature_text(packages_, *f)));
      } else {
        line(fmt::format("{}: {}{};", name_text(f->item_name()),
                         f->kind == FuncKind::static_ ? "static " : "", func_text(packages_, *f)));
      }
    }
    close();
  }

  void world_body(const World& w) {
    std::vector<TypeIdx> used;
    for (const WorldItem& item : w.imports) {
      const auto* idx = std::get_if<TypeIdx>(&item.item);
      if (idx != nullptr && packages_.types[*idx].used) used.push_back(*idx);
    }
    uses(used, w.package);
    std::unordered_map<TypeIdx, std::vector<const Function*>> methods;
    for (const WorldItem& item : w.imports) {
      const auto* f = std::get_if<Function>(&item.item);
      if (f != nullptr && f->kind != FuncKind::freestanding) methods[f->resource].push_back(f);
    }
    for (const WorldItem& item : w.imports) {
      const auto* idx = std::get_if<TypeIdx>(&item.item);
      if (idx != nullptr && !packages_.types[*idx].used) type(packages_.types[*idx], methods[*idx]);
    }
    for (const WorldItem& item : w.imports) {
      if (!item.implicit) world_item(item, "import", w.package);
    }
    for (const WorldItem& item : w.exports) world_item(item, "export", w.package);
  }

  void world_item(const WorldItem& item, std::string_view direction, PackageIdx here) {
    if (std::holds_alternative<TypeIdx>(item.item)) return;
    if (const auto* f = std::get_if<Function>(&item.item)) {
      if (f->kind != FuncKind::freestanding) return;
      info(item.info.docs.empty() ? f->info : item.info);
      return line(fmt::format("{} {}: {};", direction, name_text(unannotated(item.name)),
                              func_text(packages_, *f)));
    }
    const InterfaceIdx interface = std::get<InterfaceIdx>(item.item);
    const Interface& i = packages_.interfaces[interface];
    ItemInfo shown = item.info;
    if (!i.name && shown.docs.empty()) shown.docs = i.info.docs;
    info(shown);
    if (item.implements)
      return line(
          fmt::format("{} {}: {};", direction, name_text(item.name), path(interface, here)));
    if (i.name) return line(fmt::format("{} {};", direction, path(interface, here)));
    open(fmt::format("{} {}: interface", direction, name_text(item.name)));
    interface_body(i);
    close();
  }

  [[nodiscard]] std::string structure_text(const DefValType& def) const;
  friend std::string tenon::wit::def_text(const Packages& packages, const TypeDef& def);

  const Packages& packages_;
  const PrintOptions& options_;
  std::string out_;
  std::size_t depth_ = 0;
};

std::string Printer::structure_text(const DefValType& def) const {
  const auto text = [&](ValType t) { return type_text(packages_, t); };
  const auto bracketed = [&](std::string_view word, std::optional<ValType> t) {
    return t ? fmt::format("{}<{}>", word, text(*t)) : std::string(word);
  };
  return std::visit(
      overloaded{
          [&](component::PrimValType t) { return std::string(to_string(t)); },
          [&](const component::List& t) {
            return t.length ? fmt::format("list<{}, {}>", text(t.elem), *t.length)
                            : bracketed("list", t.elem);
          },
          [&](const component::Option& t) { return bracketed("option", t.type); },
          [&](const component::ResultType& t) {
            if (!t.err) return bracketed("result", t.ok);
            return fmt::format("result<{}, {}>", t.ok ? text(*t.ok) : "_", text(*t.err));
          },
          [&](const component::Tuple& t) {
            std::string out;
            for (const ValType one : t.types) out += (out.empty() ? "" : ", ") + text(one);
            return "tuple<" + out + ">";
          },
          [&](const component::Own& t) { return text(t.resource); },
          [&](const component::Borrow& t) { return "borrow<" + text(t.resource) + ">"; },
          [&](const component::Stream& t) { return bracketed("stream", t.type); },
          [&](const component::Future& t) { return bracketed("future", t.type); },
          [&](const component::Map& t) {
            return fmt::format("map<{}, {}>", text(t.key), text(t.value));
          },
          [&](const auto&) { return std::string("_"); },  // these always have a name
      },
      def);
}

}  // namespace

std::string name_text(std::string_view name) {
  return is_keyword_text(name) ? fmt::format("%{}", name) : std::string(name);
}

std::string type_text(const Packages& packages, ValType type) {
  if (type.is_prim()) return std::string(to_string(type.prim()));
  const TypeDef& def = packages.types[type.index()];
  if (def.name) return name_text(*def.name);
  return def_text(packages, def);
}

std::string def_text(const Packages& packages, const TypeDef& def) {
  if (std::holds_alternative<Resource>(def.def)) return "resource";
  if (const auto* alias = std::get_if<TypeAlias>(&def.def))
    return type_text(packages, alias->target);
  const PrintOptions options;
  return Printer(packages, options).structure_text(std::get<DefValType>(def.def));
}

std::string func_text(const Packages& packages, const Function& func) {
  return fmt::format("{}{}{}", func.async_ ? "async " : "", keyword(func.accessor),
                     signature_text(packages, func));
}

std::string signature_text(const Packages& packages, const Function& func) {
  std::string out = "(";
  bool first = true;
  for (std::size_t i = func.kind == FuncKind::method ? 1 : 0; i < func.params.size(); ++i) {
    if (!std::exchange(first, false)) out += ", ";
    out += fmt::format("{}: {}", name_text(func.params[i].name),
                       type_text(packages, func.params[i].type));
  }
  out += ")";
  if (!func.result) return out;
  if (func.kind == FuncKind::constructor) {  // the resource itself goes without saying
    const ValType result = packages.resolve_alias(*func.result);
    const auto* made =
        result.is_prim() ? nullptr : std::get_if<DefValType>(&packages.types[result.index()].def);
    if (made != nullptr && std::holds_alternative<component::Own>(*made)) return out;
  }
  return out + " -> " + type_text(packages, *func.result);
}

std::string print_package(const Packages& packages, PackageIdx package,
                          const PrintOptions& options) {
  Printer printer(packages, options);
  printer.file(package);
  return printer.take();
}

std::string print(const Packages& packages, const PrintOptions& options) {
  Printer printer(packages, options);
  if (packages.roots.empty()) return {};
  const PackageIdx main = packages.roots.front();
  printer.file(main);
  // By name: the order in which they were found would change when the text is read again.
  std::vector<PackageIdx> others;
  for (std::size_t i = 0; i < packages.packages.size(); ++i)
    if (PackageIdx(i) != main) others.push_back(PackageIdx(i));
  std::ranges::sort(others, {},
                    [&](PackageIdx i) -> const PackageName& { return packages.packages[i].name; });
  for (const PackageIdx other : others) {
    printer.blank();
    printer.nested(other);
  }
  return printer.take();
}

}  // namespace tenon::wit
