// SPDX-License-Identifier: Apache-2.0
#include "tenon/wit/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

class Linter {
 public:
  Linter(const Packages& packages, Diagnostics& diagnostics) : packages_(packages), diagnostics_(diagnostics) {}

  void run() {
    mark_references();
    for (const PackageIdx root : packages_.roots) package(packages_.packages[root]);
  }

 private:
  void warn(Error error) { diagnostics_.report(std::move(error).as_warning()); }

  void package(const Package& p) {
    for (const auto& [name, idx] : p.interfaces) {
      const Interface& i = packages_.interfaces[idx];
      docs(i.info, fmt::format("the interface `{}`", name));
      since(p, i.info, fmt::format("the interface `{}`", name));
      interface(p, i, i.info.stability, i.info.span);
    }
    for (const auto& [name, idx] : p.worlds) {
      const World& w = packages_.worlds[idx];
      docs(w.info, fmt::format("the world `{}`", name));
      since(p, w.info, fmt::format("the world `{}`", name));
      world(p, w);
    }
  }

  void interface(const Package& p, const Interface& i, const Stability& outer, Span where) {
    Names names;
    for (const auto& [name, idx] : i.types) {
      const TypeDef& def = packages_.types[idx];
      weaker(def.info, outer, where, name);
      if (def.used) {
        if (!referenced_.contains(idx)) unused(def.info.span, fmt::format("`{}` is brought in by `use`", name));
        continue;
      }
      docs(def.info, fmt::format("the type `{}`", name));
      if (!outer.since) since(p, def.info, fmt::format("the type `{}`", name));
      collide(names, name, def.info.span, "type");
      members(def);
    }
    for (const Function& f : i.functions) {
      weaker(f.info, outer, where, f.name);
      docs(f.info, fmt::format("the function `{}`", f.item_name()));
      if (f.kind == FuncKind::freestanding) {
        if (!outer.since) since(p, f.info, fmt::format("the function `{}`", f.name));
        collide(names, f.name, f.info.span, "function");
      }
      stronger_types(f);
    }
  }

  void world(const Package& p, const World& w) {
    for (const auto* items : {&w.imports, &w.exports}) {
      for (const WorldItem& item : *items) {
        if (item.implicit) continue;
        weaker(item.info, w.info.stability, w.info.span, item.name);
        const auto* interface_idx = std::get_if<InterfaceIdx>(&item.item);
        if (interface_idx != nullptr && !packages_.interfaces[*interface_idx].name)
          interface(p, packages_.interfaces[*interface_idx], item.info.stability, item.info.span);
        const auto* type = std::get_if<TypeIdx>(&item.item);
        if (type == nullptr || referenced_.contains(*type) || packages_.types[*type].owner.index() != 2) continue;
        if (packages_.types[*type].used) unused(packages_.types[*type].info.span, fmt::format("`{}` is brought in by `use`", item.name));
      }
    }
  }

  void docs(const ItemInfo& info, const std::string& what) {
    if (info.docs.empty() && info.span.source != Span::no_source) warn(Error(rules::lint_docs, info.span, what).help("say in a `///` comment above it what it is for"));
  }

  /// In a package that has left 0.0 and gates some of its items, an item without `@since` says nothing about when it came.
  void since(const Package& p, const ItemInfo& info, const std::string& what) {
    if (!p.name.version || !gates_items(p) || info.span.source == Span::no_source) return;
    if (info.stability.since || info.stability.unstable_feature) return;
    warn(Error(rules::lint_since, info.span, what).help(fmt::format("add `@since(version = {})`, or the version that brought it", *p.name.version)));
  }
  bool gates_items(const Package& p) const {
    return std::any_of(p.interfaces.begin(), p.interfaces.end(), [&](const auto& entry) {
      return packages_.interfaces[entry.second].info.stability.since.has_value();
    });
  }

  void unused(Span span, std::string what) { warn(Error(rules::lint_unused, span, std::move(what)).help("remove the name from the list")); }

  /// Spec: WIT.md "Rules for feature gate usage": what stands in a gated item is gated at least as strongly.
  void weaker(const ItemInfo& inner, const Stability& outer, Span where, const std::string& name) {
    if (inner.span.source == Span::no_source) return;
    const bool none = !inner.stability.since && !inner.stability.unstable_feature;
    const bool earlier = outer.since && inner.stability.since && compare_versions(*inner.stability.since, *outer.since) < 0;
    const bool gated = outer.since || outer.unstable_feature;
    if (!gated || (!none && !earlier)) return;
    warn(Error(rules::lint_gate, inner.span, fmt::format("`{}` {}", name, none ? "has no gate" : "has an earlier `@since`"))
             .note(where, "what it stands in is gated")
             .help(outer.since ? fmt::format("add `@since(version = {})`", *outer.since) : fmt::format("add `@unstable(feature = {})`", *outer.unstable_feature)));
  }

  /// A function whose types came later, or are not stable, than it says itself.
  void stronger_types(const Function& f) {
    const auto check = [&](ValType t) {
      if (t.is_prim()) return;
      const TypeDef& def = packages_.types[t.index()];
      const Stability& s = def.info.stability;
      const bool unstable = s.unstable_feature && !f.info.stability.unstable_feature;
      const bool later = s.since && f.info.stability.since && compare_versions(*s.since, *f.info.stability.since) > 0;
      if (!def.name || (!unstable && !later)) return;
      warn(Error(rules::lint_gate, f.info.span, fmt::format("`{}` names `{}`, whose gate is stronger", f.item_name(), *def.name))
               .note(def.info.span, "the type is gated here"));
    };
    for (const Param& param : f.params) check(param.type);
    if (f.result) check(*f.result);
  }

  /// Names that become the same word in languages which join words without a dash.
  using Names = std::map<std::string, std::pair<std::string, Span>>;
  void collide(Names& names, const std::string& name, Span span, std::string_view kind) {
    std::string key;
    for (const char c : name) {
      if (c != '-') key += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    const auto [it, fresh] = names.emplace(std::move(key), std::pair(name, span));
    if (fresh || it->second.first == name) return;
    warn(Error(rules::lint_collision, span, fmt::format("the {} `{}` and `{}`", kind, name, it->second.first))
             .note(it->second.second, "the other one")
             .help("in languages that write names as one word they are the same"));
  }

  void members(const TypeDef& def) {
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return;
    Names names;
    each_label(*made, [&](std::size_t i, const std::string& label) {
      collide(names, label, i < def.member_spans.size() ? def.member_spans[i] : def.info.span, "member");
    });
  }

  void refer(ValType t) {
    if (!t.is_prim()) referenced_.insert(t.index());
  }
  void refer(const Function& f) {
    for (const Param& param : f.params) refer(param.type);
    if (f.result) refer(*f.result);
  }

  /// What any type or function names. An interface's own names are its exports, so only `use`s can be idle; a
  /// `use`d name that another interface uses further is not.
  void mark_references() {
    for (const TypeDef& def : packages_.types) {
      if (const auto* alias = std::get_if<TypeAlias>(&def.def)) refer(alias->target);
      const auto* made = std::get_if<DefValType>(&def.def);
      if (made == nullptr) continue;
      each_type(*made, [&](ValType t) { refer(t); });
      if (const auto* own = std::get_if<component::Own>(made)) referenced_.insert(own->resource);
      if (const auto* borrow = std::get_if<component::Borrow>(made)) referenced_.insert(borrow->resource);
    }
    for (const Interface& i : packages_.interfaces) {
      for (const Function& f : i.functions) refer(f);
    }
    for (const World& w : packages_.worlds) {
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* f = std::get_if<Function>(&item.item)) refer(*f);
        }
      }
    }
  }

  const Packages& packages_;
  Diagnostics& diagnostics_;
  std::unordered_set<TypeIdx> referenced_;
};

}  // namespace

void lint(const Packages& packages, Diagnostics& diagnostics) { Linter(packages, diagnostics).run(); }

std::string apply_fixes(std::string_view text, std::uint32_t source, const std::vector<Error>& errors) {
  std::vector<Fix> fixes;
  for (const Error& error : errors) {
    for (const Fix& fix : error.fixes()) {
      if (fix.span.source == source && fix.span.end <= text.size()) fixes.push_back(fix);
    }
  }
  std::sort(fixes.begin(), fixes.end(), [](const Fix& a, const Fix& b) { return a.span.begin < b.span.begin; });
  std::string out;
  std::uint32_t at = 0;
  for (const Fix& fix : fixes) {
    if (fix.span.begin < at) continue;
    out += text.substr(at, fix.span.begin - at);
    out += fix.text;
    at = fix.span.end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace tenon::wit
