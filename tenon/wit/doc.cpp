// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/doc.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "tenon/base/safe_text.h"
#include "tenon/wit/markdown.h"
#include "tenon/wit/print.h"

namespace tenon::wit {
namespace {

/// What a page is written with: Markdown or HTML. Texts handed in are marked up already, but for
/// docs.
class Page {
 public:
  explicit Page(bool html) : html_(html) {}

  void heading(int level, std::string_view text, std::string_view anchor) {
    if (html_)
      out_ += fmt::format("<h{0} id=\"{1}\">{2}</h{0}>\n", level, html_escape(anchor), text);
    else
      out_ +=
          fmt::format("{} <a id=\"{}\"></a>{}\n\n",
                      std::string(static_cast<std::size_t>(level), '#'), html_escape(anchor), text);
  }
  void paragraph(std::string_view text) {
    out_ += html_ ? fmt::format("<p>{}</p>\n", text) : fmt::format("{}\n\n", text);
  }
  void docs(std::string_view text) {
    if (text.empty()) return;
    out_ += html_ ? markdown_html(text) : fmt::format("{}\n\n", safe_markdown(text));
  }

  void begin_list() {
    if (html_) out_ += "<ul>\n";
  }
  void end_list() { out_ += html_ ? "</ul>\n" : "\n"; }
  /// One line of a list; docs of one paragraph stand behind it, longer ones below.
  void item(std::string_view text, std::string_view docs_text) {
    const bool is_long =
        docs_text.contains("\n\n") || docs_text.contains("\n-") || docs_text.contains("\n```");
    if (html_) {
      const std::string body = docs_text.empty() ? std::string()
                               : is_long         ? "\n" + markdown_html(docs_text)
                                                 : ": " + markdown_inline(one_line(docs_text));
      out_ += fmt::format("<li>{}{}</li>\n", text, body);
      return;
    }
    out_ += fmt::format("- {}", text);
    if (!docs_text.empty() && !is_long) out_ += ": " + safe_markdown_line(docs_text);
    if (!docs_text.empty() && is_long) {
      out_ += '\n';
      each_source_line(safe_markdown(docs_text), [&](std::string_view line) {
        out_ += line.empty() ? "\n" : fmt::format("\n  {}", line);
      });
    }
    out_ += '\n';
  }

  [[nodiscard]] std::string link(std::string_view text, std::string_view anchor) const {
    if (html_)
      return fmt::format("<a href=\"#{}\"><code>{}</code></a>", html_escape(anchor),
                         html_escape(text));
    return fmt::format("[`{}`](#{})", text, anchor);
  }
  [[nodiscard]] std::string mono(std::string_view text) const {
    return html_ ? fmt::format("<code>{}</code>", html_escape(text)) : fmt::format("`{}`", text);
  }
  [[nodiscard]] std::string take(std::string_view title) {
    if (!html_) return std::move(out_);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
        "charset=\"utf-8\">\n<title>{}</title>\n<style>\n"
        "body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; "
        "line-height: 1.5 }}\n"
        "code, pre {{ background: #f3f3f3 }}\npre {{ padding: .6em; overflow-x: auto }}\n"
        "h2 {{ border-bottom: 1px solid #ccc }}\n</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        html_escape(title), out_);
  }

 private:
  static std::string one_line(std::string_view text) {
    std::string out;
    each_source_line(text, [&](std::string_view line) {
      if (!out.empty()) out += '\n';
      out += comment_line(line, Splices::no);
    });
    return out;
  }

  bool html_;
  std::string out_;
};

/// A piece of a type's text: a name that is linked, or what stands between such.
struct Piece {
  std::string text;
  std::string anchor;
};

class Writer {
 public:
  Writer(const Packages& packages, bool html)
      : packages_(packages), page_(html), is_root_(packages.packages.size()) {
    for (const PackageIdx root : packages.roots) is_root_[root.value] = true;
  }

  std::string run() {
    for (const PackageIdx root : packages_.roots) {
      const Package& p = packages_.packages[root];
      page_.heading(1, page_.mono(p.name.to_string()), "package-" + p.name.ns + "-" + p.name.name);
      page_.docs(p.info.docs);
      contents(p);
      for (const auto& [name, idx] : p.worlds) world(idx);
      for (const auto& [name, idx] : p.interfaces) interface(packages_.interfaces[idx]);
    }
    if (packages_.roots.empty()) return page_.take("");
    return page_.take(packages_.packages[packages_.roots.front()].name.to_string());
  }

 private:
  /// Anchors are told apart by their package only when there are several.
  [[nodiscard]] std::string anchor(PackageIdx package, std::string_view what,
                                   std::string_view name) const {
    if (packages_.roots.size() < 2) return fmt::format("{}-{}", what, name);
    return fmt::format("{}-{}-{}", packages_.packages[package].name.name, what, name);
  }
  [[nodiscard]] std::string anchor(const Interface& i, std::string_view item) const {
    return anchor(i.package, *i.name, item);
  }
  [[nodiscard]] bool is_here(PackageIdx package) const { return is_root_[package.value]; }

  static std::string_view first_paragraph(std::string_view docs) {
    return docs.substr(0, docs.find("\n\n"));
  }

  void contents(const Package& p) {
    page_.begin_list();
    for (const auto& [name, idx] : p.worlds) {
      const World& w = packages_.worlds[idx];
      page_.item(
          "world " + page_.link(name, anchor(w.package, "world", name)) + gates(w.info.stability),
          first_paragraph(w.info.docs));
    }
    for (const auto& [name, idx] : p.interfaces) {
      const Interface& i = packages_.interfaces[idx];
      page_.item("interface " + page_.link(name, anchor(i.package, "interface", name)) +
                     gates(i.info.stability),
                 first_paragraph(i.info.docs));
    }
    page_.end_list();
  }

  [[nodiscard]] static std::string gates(const Stability& s) {
    std::string out;
    if (s.since) out += fmt::format(" (since {})", *s.since);
    if (s.unstable_feature) out += fmt::format(" (unstable: {})", *s.unstable_feature);
    if (s.deprecated) out += fmt::format(" (deprecated since {})", *s.deprecated);
    return out;
  }

  void world(WorldIdx idx) {
    const World& w = packages_.worlds[idx];
    page_.heading(2, "World " + page_.mono(w.name) + gates(w.info.stability),
                  anchor(w.package, "world", w.name));
    page_.docs(w.info.docs);
    for (const auto& [title, items] :
         {std::pair("Imports", &w.imports), std::pair("Exports", &w.exports)}) {
      if (items->empty()) continue;
      page_.heading(3, title, fmt::format("{}-{}", anchor(w.package, "world", w.name), title));
      page_.begin_list();
      for (const WorldItem& item : *items) world_item(item);
      page_.end_list();
    }
  }

  void world_item(const WorldItem& item) {
    if (const auto* f = std::get_if<Function>(&item.item))
      return page_.item("function " + signature(*f), f->info.docs);
    if (const auto* t = std::get_if<TypeIdx>(&item.item)) {
      const TypeDef& def = packages_.types[*t];
      const std::string means = meaning(def);
      return page_.item(fmt::format("{} {}{}{}", keyword(def), page_.mono(item.name),
                                    means.empty() ? "" : " ", means),
                        def.info.docs);
    }
    const Interface& i = packages_.interfaces[std::get<InterfaceIdx>(item.item)];
    std::string text =
        "interface " + (i.name && is_here(i.package)
                            ? page_.link(item.name, anchor(i.package, "interface", *i.name))
                            : page_.mono(item.name));
    if (item.implements)
      text += ", an " + page_.mono(packages_.id_of(std::get<InterfaceIdx>(item.item)).value_or(""));
    if (item.implicit) text += ", since another needs it";
    page_.item(text + gates(item.info.stability), item.info.docs);
    if (i.name) return;
    for (const Function& f : i.functions)
      page_.item("function " + page_.mono(unannotated(item.name)) + "." + signature(f),
                 f.info.docs);
  }

  void interface(const Interface& i) {
    page_.heading(2, "Interface " + page_.mono(*i.name) + gates(i.info.stability),
                  anchor(i.package, "interface", *i.name));
    page_.docs(i.info.docs);
    if (!i.types.empty()) page_.heading(3, "Types", anchor(i, "types"));
    const auto methods = functions_by_resource(i.functions);
    for (const auto& [name, idx] : i.types) {
      type(i, idx);
      const auto own = methods.find(idx);
      if (own == methods.end()) continue;
      for (const Function* f : own->second) function(i, *f, 5);
    }
    const bool free = std::any_of(i.functions.begin(), i.functions.end(), [](const Function& f) {
      return f.kind == FuncKind::freestanding;
    });
    if (free) page_.heading(3, "Functions", anchor(i, "functions"));
    for (const Function& f : i.functions) {
      if (f.kind == FuncKind::freestanding) function(i, f, 4);
    }
  }

  void type(const Interface& i, TypeIdx idx) {
    const TypeDef& def = packages_.types[idx];
    page_.heading(
        4, page_.mono(fmt::format("{} {}", keyword(def), *def.name)) + gates(def.info.stability),
        anchor(i, *def.name));
    page_.docs(def.info.docs);
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
      return page_.mono("constructor" + func_text(packages_, f).substr(4));
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
    page_.heading(level,
                  fmt::format("{} {}", kind, page_.mono(f.item_name())) + gates(f.info.stability),
                  anchor(i, full));
    page_.paragraph(signature(f));
    page_.docs(f.info.docs);
    const std::size_t first = f.kind == FuncKind::method ? 1 : 0;
    const bool result = f.result && f.kind != FuncKind::constructor;
    if (f.params.size() == first && !result) return;
    page_.begin_list();
    for (std::size_t k = first; k < f.params.size(); ++k)
      page_.item(page_.mono(f.params[k].name) + ": " + linked(f.params[k].type), {});
    if (result) page_.item("result: " + linked(*f.result), {});
    page_.end_list();
  }

  /// A type's text, its names linked when they are of the package.
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
    const bool here = i != nullptr && i->name && is_here(i->package);
    out.push_back({type_text(packages_, type), here ? anchor(*i, *def->name) : std::string()});
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
};

}  // namespace

std::string doc_markdown(const Packages& packages) {
  return Writer(packages, false).run();
}
std::string doc_html(const Packages& packages) {
  return Writer(packages, true).run();
}

}  // namespace tenon::wit
