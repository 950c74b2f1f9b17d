// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/doc.h"

#include <fmt/format.h>

#include <utility>

#include "tenon/wit/print.h"

namespace tenon::wit {
namespace {

/// What a page is written with: Markdown or HTML.
class Page {
 public:
  explicit Page(bool html) : html_(html) {}

  void heading(int level, std::string_view text, std::string_view anchor) {
    if (html_) out_ += fmt::format("<h{0} id=\"{1}\">{2}</h{0}>\n", level, escape(anchor), text);
    else out_ += fmt::format("{} <a id=\"{}\"></a>{}\n\n", std::string(static_cast<std::size_t>(level), '#'), anchor, text);
  }
  void code(std::string_view text) {
    if (html_) out_ += fmt::format("<pre><code>{}</code></pre>\n", text);
    else out_ += fmt::format("{}\n\n", text);
  }
  /// Docs are Markdown themselves; in HTML their paragraphs and code marks are kept.
  void docs(std::string_view text) {
    if (text.empty()) return;
    if (!html_) {
      out_ += fmt::format("{}\n\n", text);
      return;
    }
    bool mark = false;
    std::string body;
    for (const char c : escape(text)) {
      if (c == '`') {
        body += mark ? "</code>" : "<code>";
        mark = !mark;
      } else {
        body += c;
      }
    }
    if (mark) body += "</code>";
    for (auto at = body.find("\n\n"); at != std::string::npos; at = body.find("\n\n", at)) body.replace(at, 2, "</p>\n<p>");
    out_ += fmt::format("<p>{}</p>\n", body);
  }
  void item(std::string_view text, std::string_view docs_text) {
    const auto line = docs_text.substr(0, docs_text.find("\n\n"));
    std::string docs_line(line);
    for (char& c : docs_line) {
      if (c == '\n') c = ' ';
    }
    if (html_) out_ += fmt::format("<li>{}{}{}</li>\n", text, line.empty() ? "" : ": ", escape(docs_line));
    else out_ += fmt::format("- {}{}{}\n", text, line.empty() ? "" : ": ", docs_line);
  }
  void begin_list() {
    if (html_) out_ += "<ul>\n";
  }
  void end_list() { out_ += html_ ? "</ul>\n" : "\n"; }

  [[nodiscard]] std::string link(std::string_view text, std::string_view anchor) const {
    if (html_) return fmt::format("<a href=\"#{}\"><code>{}</code></a>", escape(anchor), escape(text));
    return fmt::format("[`{}`](#{})", text, anchor);
  }
  [[nodiscard]] std::string mono(std::string_view text) const {
    return html_ ? fmt::format("<code>{}</code>", escape(text)) : fmt::format("`{}`", text);
  }
  std::string take(std::string_view title) {
    if (!html_) return std::move(out_);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\n"
        "body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; line-height: 1.5 }}\n"
        "code, pre {{ background: #f3f3f3 }}\npre {{ padding: .6em; overflow-x: auto }}\n"
        "h2 {{ border-bottom: 1px solid #ccc }}\n</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        escape(title), out_);
  }

  static std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '&') out += "&amp;";
      else if (c == '<') out += "&lt;";
      else if (c == '>') out += "&gt;";
      else if (c == '"') out += "&quot;";
      else out += c;
    }
    return out;
  }

 private:
  bool html_;
  std::string out_;
};

class Writer {
 public:
  Writer(const Packages& packages, bool html) : packages_(packages), page_(html) {}

  std::string run() {
    const Package& p = packages_.packages[packages_.roots.front()];
    page_.heading(1, page_.mono(p.name.to_string()), "package");
    page_.docs(p.info.docs);
    contents(p);
    for (const auto& [name, idx] : p.worlds) world(packages_.worlds[idx]);
    for (const auto& [name, idx] : p.interfaces) interface(packages_.interfaces[idx]);
    return page_.take(p.name.to_string());
  }

 private:
  void contents(const Package& p) {
    page_.begin_list();
    for (const auto& [name, idx] : p.worlds) page_.item("world " + page_.link(name, "world-" + name), packages_.worlds[idx].info.docs);
    for (const auto& [name, idx] : p.interfaces)
      page_.item("interface " + page_.link(name, "interface-" + name), packages_.interfaces[idx].info.docs);
    page_.end_list();
  }

  [[nodiscard]] std::string gates(const Stability& s) const {
    std::string out;
    if (s.since) out += fmt::format(" (since {})", *s.since);
    if (s.unstable_feature) out += fmt::format(" (unstable: {})", *s.unstable_feature);
    if (s.deprecated) out += fmt::format(" (deprecated since {})", *s.deprecated);
    return out;
  }

  void world(const World& w) {
    page_.heading(2, "World " + page_.mono(w.name) + gates(w.info.stability), "world-" + w.name);
    page_.docs(w.info.docs);
    for (const auto& [title, items] : {std::pair("Imports", &w.imports), std::pair("Exports", &w.exports)}) {
      if (items->empty()) continue;
      page_.heading(3, title, fmt::format("world-{}-{}", w.name, title));
      page_.begin_list();
      for (const WorldItem& item : *items) world_item(w, item);
      page_.end_list();
    }
  }

  void world_item(const World& w, const WorldItem& item) {
    if (const auto* f = std::get_if<Function>(&item.item)) return page_.item(page_.mono(item.name + ": " + func_text(packages_, *f)), f->info.docs);
    if (std::holds_alternative<TypeIdx>(item.item)) return page_.item("type " + page_.mono(item.name), item.info.docs);
    const Interface& i = packages_.interfaces[std::get<InterfaceIdx>(item.item)];
    const bool here = i.name && i.package == w.package;
    std::string text = "interface " + (here ? page_.link(item.name, "interface-" + *i.name) : page_.mono(item.name));
    if (item.implicit) text += " (needed by another)";
    page_.item(text, item.info.docs);
    if (i.name) return;
    for (const Function& f : i.functions) page_.item(page_.mono(item.name + "." + f.name + ": " + func_text(packages_, f)), f.info.docs);
  }

  void interface(const Interface& i) {
    page_.heading(2, "Interface " + page_.mono(*i.name) + gates(i.info.stability), "interface-" + *i.name);
    page_.docs(i.info.docs);
    if (!i.types.empty()) page_.heading(3, "Types", "types-" + *i.name);
    for (const auto& [name, idx] : i.types) type(i, packages_.types[idx]);
    if (!i.functions.empty()) page_.heading(3, "Functions", "functions-" + *i.name);
    for (const Function& f : i.functions) function(i, f);
  }

  void type(const Interface& i, const TypeDef& def) {
    const std::string anchor = fmt::format("{}-{}", *i.name, *def.name);
    page_.heading(4, page_.mono(fmt::format("{} {}", keyword(def), *def.name)) + gates(def.info.stability), anchor);
    page_.docs(def.info.docs);
    if (const auto* alias = std::get_if<TypeAlias>(&def.def)) return alias_of(def, alias->target);
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return;
    page_.begin_list();
    each_label(*made, [&](std::size_t k, const std::string& label) {
      std::string text = page_.mono(label);
      if (const auto* record = std::get_if<component::Record>(made)) text += ": " + linked(record->fields[k].type);
      if (const auto* variant = std::get_if<component::Variant>(made); variant != nullptr && variant->cases[k].type)
        text += ": " + linked(*variant->cases[k].type);
      page_.item(text, k < def.member_docs.size() ? def.member_docs[k] : std::string());
    });
    page_.end_list();
  }

  void alias_of(const TypeDef& def, ValType target) {
    if (!def.used) return page_.docs("= " + (target.is_prim() ? type_text(packages_, target) : type_text(packages_, target)));
    const TypeDef& theirs = packages_.types[target.index()];
    const auto* owner = std::get_if<InterfaceIdx>(&theirs.owner);
    if (owner != nullptr) page_.docs(fmt::format("from `{}`", packages_.id_of(*owner).value_or("")));
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

  void function(const Interface& i, const Function& f) {
    page_.heading(4, page_.mono(f.name) + gates(f.info.stability), fmt::format("{}-{}", *i.name, f.name));
    page_.docs(f.info.docs);
    page_.begin_list();
    for (const Param& param : f.params) page_.item(page_.mono(param.name) + ": " + linked(param.type), {});
    if (f.result) page_.item("→ " + linked(*f.result), {});
    if (f.async_) page_.item("async", {});
    page_.end_list();
  }

  /// A type's text, linked when it has a name in the package.
  [[nodiscard]] std::string linked(ValType type) const {
    const std::string text = type_text(packages_, type);
    if (type.is_prim()) return page_.mono(text);
    const TypeDef* def = &packages_.types[type.index()];
    if (const auto* made = std::get_if<DefValType>(&def->def); made != nullptr && !def->name) {
      if (const auto* own = std::get_if<component::Own>(made)) def = &packages_.types[own->resource];
      else if (const auto* borrow = std::get_if<component::Borrow>(made)) def = &packages_.types[borrow->resource];
    }
    const auto* owner = std::get_if<InterfaceIdx>(&def->owner);
    if (!def->name || owner == nullptr) return page_.mono(text);
    const Interface& i = packages_.interfaces[*owner];
    if (!i.name || i.package != packages_.roots.front()) return page_.mono(text);
    return page_.link(text, fmt::format("{}-{}", *i.name, *def->name));
  }

  const Packages& packages_;
  Page page_;
};

}  // namespace

std::string doc_markdown(const Packages& packages) { return Writer(packages, false).run(); }
std::string doc_html(const Packages& packages) { return Writer(packages, true).run(); }

}  // namespace tenon::wit
