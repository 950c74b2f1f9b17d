// SPDX-License-Identifier: Apache-2.0
// One walk over the packages writes both forms; `Page` knows Markdown and HTML. Only HTML includes
// other packages that the worlds and types refer to, so that every link leads somewhere on the
// page.
#include "tenon/wit/doc.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tenon/wit/doc_page.h"
#include "tenon/wit/markdown.h"
#include "tenon/wit/print.h"

namespace tenon::wit {
namespace {

/// A piece of a type's text: a name that is linked, or what is between such.
struct Piece {
  std::string text;
  std::string anchor;
};

class Writer {
 public:
  Writer(const Packages& packages, bool html)
      : packages_(packages),
        page_(html),
        is_root_(packages.packages.size()),
        is_shown_(packages.interfaces.size()) {
    for (const PackageIdx root : packages.roots) is_root_[root.value] = true;
    find_shown();
  }

  std::string run() {
    for (const PackageIdx root : packages_.roots) {
      const Package& p = packages_.packages[root];
      page_.heading(1, page_.mono(p.name.to_string()), "package-" + p.name.ns + "-" + p.name.name);
      page_.docs(p.info.docs, 1);
      contents(p);
      for (const auto& [name, idx] : p.worlds) world(idx);
      for (const auto& [name, idx] : p.interfaces)
        interface(packages_.interfaces[idx], page_.mono(name));
    }
    dependencies();
    if (packages_.roots.empty()) return page_.take("");
    return page_.take(packages_.packages[packages_.roots.front()].name.to_string());
  }

 private:
  /// The interfaces of the root packages, and, on a page of HTML, those of other packages that
  /// their worlds and types name.
  void find_shown() {
    std::vector<InterfaceIdx> found;
    const auto show = [&](InterfaceIdx idx) {
      const Interface& i = packages_.interfaces[idx];
      const bool fits = page_.is_html() || is_root_[i.package.value];
      if (!fits || is_shown_[idx.value]) return;
      is_shown_[idx.value] = true;
      found.push_back(idx);
    };
    for (const PackageIdx root : packages_.roots) {
      const Package& p = packages_.packages[root];
      for (const auto& [name, idx] : p.interfaces) show(idx);
      for (const auto& [name, idx] : p.worlds) {
        const World& w = packages_.worlds[idx];
        for (const auto* items : {&w.imports, &w.exports}) {
          for (const WorldItem& item : *items) shown_in(item, show);
        }
      }
    }
    // NOLINTNEXTLINE(modernize-loop-convert): `found` grows
    for (std::size_t k = 0; k < found.size(); ++k) {
      for (const InterfaceIdx needed : interface_needs(packages_, found[k])) show(needed);
    }
  }
  template <class Show>
  void shown_in(const WorldItem& item, const Show& show) const {
    if (const auto* idx = std::get_if<InterfaceIdx>(&item.item)) show(*idx);
    const auto* type = std::get_if<TypeIdx>(&item.item);
    const auto* alias =
        type == nullptr ? nullptr : std::get_if<TypeAlias>(&packages_.types[*type].def);
    if (alias == nullptr || alias->target.is_prim()) return;
    if (const auto* owner =
            std::get_if<InterfaceIdx>(&packages_.types[alias->target.index()].owner))
      show(*owner);
  }

  /// What the root packages name of others.
  void dependencies() {
    bool any = false;
    for (PackageIdx k; k.value < packages_.packages.size(); ++k.value) {
      if (is_root_[k.value]) continue;
      for (const auto& [name, idx] : packages_.packages[k].interfaces) {
        if (!is_shown_[idx.value]) continue;
        if (!std::exchange(any, true)) page_.heading(1, "Dependencies", "dependencies");
        interface(packages_.interfaces[idx], page_.mono(packages_.id_of(idx).value_or(name)));
      }
    }
  }

  /// Anchors are told apart by their package where there are several.
  [[nodiscard]] std::string anchor(PackageIdx package, std::string_view what,
                                   std::string_view name) const {
    const auto& of = packages_.packages[package].name;
    if (!is_root_[package.value]) return fmt::format("{}/{}-{}", of.to_string(), what, name);
    if (packages_.roots.size() < 2) return fmt::format("{}-{}", what, name);
    return fmt::format("{}-{}-{}", of.name, what, name);
  }
  [[nodiscard]] std::string anchor(const World& w) const {
    return anchor(w.package, "world", w.name);
  }
  /// Of an interface without a name, of a world's item.
  [[nodiscard]] std::string anchor(const Interface& i, std::string_view item) const {
    if (i.name) return anchor(i.package, *i.name, item);
    const auto it = inline_.find(&i);
    return fmt::format("{}-{}", it == inline_.end() ? std::string_view() : it->second, item);
  }

  static std::string_view first_paragraph(std::string_view docs) {
    return docs.substr(0, docs.find("\n\n"));
  }

  void contents(const Package& p) {
    page_.begin_list();
    for (const auto& [name, idx] : p.worlds) {
      const World& w = packages_.worlds[idx];
      page_.item("world " + page_.gated(page_.link(name, anchor(w)), w.info.stability),
                 first_paragraph(w.info.docs));
    }
    for (const auto& [name, idx] : p.interfaces) {
      const Interface& i = packages_.interfaces[idx];
      page_.item("interface " + page_.gated(page_.link(name, anchor(i.package, "interface", name)),
                                            i.info.stability),
                 first_paragraph(i.info.docs));
    }
    page_.end_list();
  }

  void world(WorldIdx idx) {
    const World& w = packages_.worlds[idx];
    page_.heading(2, "World " + page_.gated(page_.mono(w.name), w.info.stability), anchor(w));
    page_.docs(w.info.docs, 2);
    std::vector<std::pair<TypeIdx, std::string>> types;
    std::vector<const WorldItem*> interfaces;
    for (const auto& [title, items] :
         {std::pair("Imports", &w.imports), std::pair("Exports", &w.exports)}) {
      if (items->empty()) continue;
      const std::string here = fmt::format("{}-{}", anchor(w), title);
      page_.heading(3, title, here);
      page_.begin_list();
      for (const WorldItem& item : *items) {
        const auto* type = std::get_if<TypeIdx>(&item.item);
        const auto* inside = std::get_if<InterfaceIdx>(&item.item);
        if (type != nullptr && !packages_.types[*type].used) types.emplace_back(*type, item.name);
        if (inside != nullptr && !packages_.interfaces[*inside].name) {
          interfaces.push_back(&item);
          inline_.emplace(&packages_.interfaces[*inside], here + "-" + item.name);
        }
        world_item(w, item);
      }
      page_.end_list();
    }
    if (!types.empty()) page_.heading(3, "Types", anchor(w) + "-Types");
    for (const auto& [type_idx, name] : types) type(type_idx, anchor(w) + "." + name);
    for (const WorldItem* item : interfaces)
      interface(packages_.interfaces[std::get<InterfaceIdx>(item->item)],
                fmt::format("{} of {}", page_.mono(item->name), page_.mono(w.name)));
  }

  void world_item(const World& w, const WorldItem& item) {
    if (const auto* f = std::get_if<Function>(&item.item))
      return page_.item("function " + page_.gated(signature(*f), f->info.stability), f->info.docs);
    if (const auto* t = std::get_if<TypeIdx>(&item.item)) {
      const TypeDef& def = packages_.types[*t];
      if (!def.used)
        return page_.item(
            fmt::format("{} {}", keyword(def),
                        page_.gated(page_.link(item.name, anchor(w) + "." + item.name),
                                    def.info.stability)),
            {});
      return page_.item(
          fmt::format("{} {} {}", keyword(def),
                      page_.gated(page_.mono(item.name), def.info.stability), meaning(def)),
          def.info.docs);
    }
    const InterfaceIdx idx = std::get<InterfaceIdx>(item.item);
    const Interface& i = packages_.interfaces[idx];
    const bool linked = !i.name || is_shown_[idx.value];
    std::string text =
        "interface " +
        page_.gated(linked ? page_.link(item.name, i.name ? anchor(i.package, "interface", *i.name)
                                                          : inline_.at(&i))
                           : page_.mono(item.name),
                    item.info.stability);
    if (item.implements) text += ", an " + page_.mono(packages_.id_of(idx).value_or(""));
    if (item.implicit) text += ", since another needs it";
    page_.item(text, i.name ? std::string_view(item.info.docs) : std::string_view());
  }

  /// `name` as the heading has it.
  void interface(const Interface& i, std::string_view name) {
    page_.heading(2, "Interface " + page_.gated(name, i.info.stability),
                  i.name ? anchor(i.package, "interface", *i.name) : inline_.at(&i));
    page_.docs(i.info.docs, 2);
    // No item is called so: a name's words are in one case.
    if (!i.types.empty()) page_.heading(3, "Types", anchor(i, "Types"));
    const auto methods = functions_by_resource(i.functions);
    for (const auto& [type_name, idx] : i.types) {
      type(idx, anchor(i, type_name));
      const auto own = methods.find(idx);
      if (own == methods.end()) continue;
      for (const Function* f : own->second) function(i, *f, 5);
    }
    const bool free = std::any_of(i.functions.begin(), i.functions.end(), [](const Function& f) {
      return f.kind == FuncKind::freestanding;
    });
    if (free) page_.heading(3, "Functions", anchor(i, "Functions"));
    for (const Function& f : i.functions) {
      if (f.kind == FuncKind::freestanding) function(i, f, 4);
    }
  }

  void type(TypeIdx idx, const std::string& here) {
    const TypeDef& def = packages_.types[idx];
    page_.heading(
        4,
        page_.gated(page_.mono(fmt::format("{} {}", keyword(def), *def.name)), def.info.stability),
        here);
    page_.docs(def.info.docs, 4);
    if (const std::string text = meaning(def); !text.empty()) page_.paragraph(text);
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made != nullptr) members(def, *made);
  }

  void members(const TypeDef& def, const DefValType& made) {
    bool any = false;
    each_label(made, [&](std::size_t k, const std::string& label) {
      if (!std::exchange(any, true)) page_.begin_list();
      std::string text = page_.mono(label);
      if (const auto* record = std::get_if<component::Record>(&made))
        text += ": " + linked(record->fields[k].type);
      if (const auto* variant = std::get_if<component::Variant>(&made);
          variant != nullptr && variant->cases[k].type)
        text += ": " + linked(*variant->cases[k].type);
      page_.item(text, k < def.member_docs.size() ? std::string_view(def.member_docs[k])
                                                  : std::string_view());
    });
    if (any) page_.end_list();
  }

  /// What an alias or a `use` stands for.
  [[nodiscard]] std::string meaning(const TypeDef& def) const {
    const auto* alias = std::get_if<TypeAlias>(&def.def);
    if (alias == nullptr) {
      const auto* made = std::get_if<DefValType>(&def.def);
      return made == nullptr || has_members(*made) ? std::string() : "= " + parts(*made);
    }
    const auto* owner =
        def.used && !alias->target.is_prim()
            ? std::get_if<InterfaceIdx>(&packages_.types[alias->target.index()].owner)
            : nullptr;
    if (owner == nullptr) return "= " + linked(alias->target);
    return "= " + linked(alias->target) + " of " + page_.mono(packages_.id_of(*owner).value_or(""));
  }

  static bool has_members(const DefValType& made) {
    bool any = false;
    each_label(made, [&](std::size_t, const std::string&) { any = true; });
    return any;
  }

  static std::string_view keyword(const TypeDef& def) {
    if (std::holds_alternative<Resource>(def.def)) return "resource";
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return def.used ? "use" : "type";
    if (std::holds_alternative<component::Record>(*made)) return "record";
    if (std::holds_alternative<component::Variant>(*made)) return "variant";
    if (std::holds_alternative<component::Enum>(*made)) return "enum";
    if (std::holds_alternative<component::Flags>(*made)) return "flags";
    return "type";
  }

  [[nodiscard]] std::string signature(const Function& f) const {
    if (f.kind == FuncKind::constructor)
      return page_.mono("constructor" + signature_text(packages_, f));
    return page_.mono(fmt::format("{}: {}{}", f.item_name(),
                                  f.kind == FuncKind::static_ ? "static " : "",
                                  func_text(packages_, f)));
  }

  void function(const Interface& i, const Function& f, int level) {
    static constexpr std::string_view kinds[] = {"function", "method", "static function",
                                                 "constructor"};
    static constexpr std::string_view accessors[] = {"getter", "setter", "static getter",
                                                     "static setter"};
    const std::string_view kind = f.accessor == Accessor::none
                                      ? kinds[static_cast<std::size_t>(f.kind)]
                                      : accessors[(f.accessor == Accessor::set ? 1U : 0U) +
                                                  (f.kind == FuncKind::static_ ? 2U : 0U)];
    std::string full(unannotated(f.name));
    if (f.kind == FuncKind::constructor) full += ".constructor";
    if (f.accessor == Accessor::set) full += ".set";
    page_.heading(
        level, fmt::format("{} {}", kind, page_.gated(page_.mono(f.item_name()), f.info.stability)),
        anchor(i, full));
    page_.paragraph(signature(f));
    // Parameters and result are before what the docs say below a heading: errors, mostly.
    const auto [lead, rest] = split_at_heading(f.info.docs);
    page_.docs(lead, level);
    const std::size_t first = f.kind == FuncKind::method ? 1 : 0;
    const bool result = f.result && f.kind != FuncKind::constructor;
    if (f.params.size() > first || result) {
      page_.begin_list();
      for (std::size_t k = first; k < f.params.size(); ++k)
        page_.item(page_.mono(f.params[k].name) + ": " + linked(f.params[k].type), {});
      if (result) page_.item("result: " + linked(*f.result), {});
      page_.end_list();
    }
    page_.docs(rest, level);
  }

  /// A type's text, its names linked when they are on the page.
  [[nodiscard]] std::string linked(ValType type) const {
    std::vector<Piece> pieces;
    add_type(pieces, type);
    return joined(pieces);
  }
  [[nodiscard]] std::string parts(const DefValType& def) const {
    std::vector<Piece> pieces;
    add_structure(pieces, def);
    return joined(pieces);
  }

  [[nodiscard]] std::string joined(const std::vector<Piece>& pieces) const {
    std::string out;
    std::string plain;
    for (const Piece& piece : pieces) {
      if (piece.anchor.empty()) {
        plain += piece.text;
        continue;
      }
      if (!plain.empty()) out += page_.mono(std::exchange(plain, {}));
      out += page_.link(piece.text, piece.anchor);
    }
    if (!plain.empty()) out += page_.mono(plain);
    return out;
  }

  void add_type(std::vector<Piece>& out, ValType type) const {
    const TypeDef* def = type.is_prim() ? nullptr : &packages_.types[type.index()];
    if (def != nullptr && !def->name) return add_structure(out, std::get<DefValType>(def->def));
    const auto* owner = def == nullptr ? nullptr : std::get_if<InterfaceIdx>(&def->owner);
    const Interface* i = owner == nullptr ? nullptr : &packages_.interfaces[*owner];
    const bool here = i != nullptr && (i->name ? is_shown_[owner->value] : inline_.contains(i));
    const auto* world = def == nullptr ? nullptr : std::get_if<WorldIdx>(&def->owner);
    const bool in_world =
        world != nullptr && !def->used && is_root_[packages_.worlds[*world].package.value];
    out.push_back({type_text(packages_, type),
                   here       ? anchor(*i, *def->name)
                   : in_world ? anchor(packages_.worlds[*world]) + "." + *def->name
                              : std::string()});
  }

  /// `word<a, b>` with what `args` holds.
  void add_args(std::vector<Piece>& out, std::string_view word,
                std::initializer_list<std::optional<ValType>> args,
                std::string_view end = {}) const {
    out.push_back({std::string(word), {}});
    bool first = true;
    for (const auto& arg : args) {
      if (!arg) continue;
      out.push_back({std::exchange(first, false) ? "<" : ", ", {}});
      add_type(out, *arg);
    }
    if (!first) out.push_back({std::string(end) + ">", {}});
  }

  void add_structure(std::vector<Piece>& out, const DefValType& def) const {
    std::visit(
        overloaded{
            [&](const component::List& t) {
              add_args(out, "list", {t.elem},
                       t.length ? fmt::format(", {}", *t.length) : std::string());
            },
            [&](const component::Option& t) { add_args(out, "option", {t.type}); },
            [&](const component::ResultType& t) {
              if (!t.err || t.ok) return add_args(out, "result", {t.ok, t.err});
              out.push_back({"result<_, ", {}});
              add_type(out, *t.err);
              out.push_back({">", {}});
            },
            [&](const component::Tuple& t) {
              out.push_back({"tuple<", {}});
              for (std::size_t i = 0; i < t.types.size(); ++i) {
                if (i > 0) out.push_back({", ", {}});
                add_type(out, t.types[i]);
              }
              out.push_back({">", {}});
            },
            [&](const component::Own& t) { add_type(out, t.resource); },
            [&](const component::Borrow& t) { add_args(out, "borrow", {ValType(t.resource)}); },
            [&](const component::Stream& t) { add_args(out, "stream", {t.type}); },
            [&](const component::Future& t) { add_args(out, "future", {t.type}); },
            [&](const component::Map& t) { add_args(out, "map", {t.key, t.value}); },
            [&](component::PrimValType t) { out.push_back({std::string(to_string(t)), {}}); },
            [](const auto&) {},
        },
        def);
  }

  const Packages& packages_;
  Page page_;
  std::vector<bool> is_root_;
  /// By interface: whether it is on the page.
  std::vector<bool> is_shown_;
  /// The anchors of the interfaces without a name.
  std::unordered_map<const Interface*, std::string> inline_;
};

}  // namespace

std::string doc_markdown(const Packages& packages) {
  return Writer(packages, false).run();
}
std::string doc_html(const Packages& packages) {
  return Writer(packages, true).run();
}

}  // namespace tenon::wit
