// SPDX-License-Identifier: Apache-2.0
// The linter looks at resolved packages, because most rules need to know what a name refers to;
// only unused `use`s at the top of a file and the characters of comments need the text. It reports
// nothing about items that come from a binary, which have no place to mend.
#include "tenon/wit/lint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <unordered_set>

#include "tenon/base/ascii.h"
#include "tenon/base/nearest.h"
#include "tenon/base/safe_text.h"
#include "tenon/base/unicode.h"
#include "tenon/types/semver.h"
#include "tenon/wit/lex.h"
#include "tenon/wit/mend.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

class Linter {
 public:
  Linter(const Packages& packages, const SourceSet& sources, Diagnostics& diagnostics,
         const std::vector<std::string>& allowed)
      : packages_(packages),
        sources_(sources),
        mender_(sources),
        diagnostics_(diagnostics),
        allowed_(allowed) {}

  void run() {
    mark_references();
    for (const PackageIdx root : packages_.roots) package(packages_.packages[root]);
    report_ungated();
    for (const std::uint32_t source : files_) file(source);
  }

 private:
  void warn(Error error) {
    if (std::ranges::find(allowed_, error.rule().id) == allowed_.end())
      diagnostics_.report(std::move(error).as_warning());
  }
  void warn(Error error, std::optional<Fix> fix) {
    if (fix) error = std::move(error).fix(fix->span, std::move(fix->text));
    warn(std::move(error));
  }

  void package(const Package& p) {
    Names names;
    gates_items_ = gates_items(p);
    for (const auto& [name, idx] : p.interfaces) {
      const Interface& i = packages_.interfaces[idx];
      note_file(i.info.span);
      collide(names, name, i.info.span, "item");
      docs(i.info, fmt::format("the interface `{}`", name));
      since(p, i.info, fmt::format("the interface `{}`", name), first_since(i));
      if (!p.worlds.empty() && !reached_.contains(idx) && i.info.span.source != Span::no_source)
        warn(Error(rules::lint_unused, i.info.span, fmt::format("the interface `{}`", name))
                 .help("no world of the package has it and no `use` names it: import or export it, "
                       "or keep it for others"));
      interface(p, i, i.info.stability, i.info.span);
      report_ungated();
    }
    report_ungated();
    for (const auto& [name, idx] : p.worlds) {
      const World& w = packages_.worlds[idx];
      note_file(w.info.span);
      collide(names, name, w.info.span, "item");
      docs(w.info, fmt::format("the world `{}`", name));
      since(p, w.info, fmt::format("the world `{}`", name), first_since(w));
      world(p, w);
    }
  }

  void interface(const Package& p, const Interface& i, const Stability& outer, Span where) {
    Names names;
    const bool in_use = !i.functions.empty() ||
                        std::any_of(i.types.begin(), i.types.end(),
                                    [&](const auto& t) { return referenced_.contains(t.second); });
    const auto of_resources = functions_by_resource(i.functions);
    for (const auto& [name, idx] : i.types) {
      if (const auto own = of_resources.find(idx); own != of_resources.end()) methods(own->second);
      const TypeDef& def = packages_.types[idx];
      weaker(def.info, outer, where, name);
      if (def.used) {
        if (!referenced_.contains(idx)) unused_use(def.info.span, name);
        continue;
      }
      if (in_use) unused_type(idx, name);
      docs(def.info, fmt::format("the type `{}`", name));
      if (!outer.since) since(p, def.info, fmt::format("the type `{}`", name));
      collide(names, name, def.info.span, "type");
      members(def);
    }
    for (const Function& f : i.functions) {
      weaker(f.info, outer, where, std::string(f.item_name()));
      docs(f.info, fmt::format("the {} `{}`",
                               f.kind == FuncKind::constructor ? "constructor of" : "function",
                               f.item_name()));
      if (f.kind == FuncKind::freestanding) {
        if (!outer.since) since(p, f.info, fmt::format("the function `{}`", f.item_name()));
        collide(names, f.plain_name(), f.info.span, "function");
        if (i.name) repeats(*i.name, f.item_name(), f.info.span);
      } else if (f.kind != FuncKind::constructor) {
        repeats(f.resource_name(), f.item_name(), f.info.span);
      }
      parameters(f);
      stronger_types(f);
      signature(f);
    }
  }

  [[nodiscard]] bool is_bytes(ValType type) const {
    type = packages_.resolve_alias(type);
    if (type.is_prim()) return false;
    const auto* def = std::get_if<DefValType>(&packages_.types[type.index()].def);
    const auto* list = def == nullptr ? nullptr : std::get_if<component::List>(def);
    return list != nullptr && !list->length &&
           packages_.resolve_alias(list->elem) == ValType(component::PrimValType::u8);
  }

  /// Whether one of a name's words is among those.
  static bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
    while (!name.empty()) {
      const std::size_t end = std::min(name.find('-'), name.size());
      if (std::ranges::find(words, name.substr(0, end)) != words.end()) return true;
      name.remove_prefix(std::min(end + 1, name.size()));
    }
    return false;
  }
  /// A word that speaks of contents, which may be long, rather than of a key or a hash.
  static bool speaks_of_contents(std::string_view name) {
    return has_word(name, {"body", "content", "contents", "data", "file", "payload", "read",
                           "write", "upload", "download"});
  }
  /// A method that is called for one piece after the other, as those of streams and sockets are.
  static bool is_piecewise(const Function& f) {
    return f.kind == FuncKind::method &&
           has_word(f.item_name(), {"read", "write", "send", "receive", "recv", "splice"});
  }
  [[nodiscard]] static bool is_integer(ValType type) {
    using enum component::PrimValType;
    static constexpr component::PrimValType integers[] = {u8, u16, u32, u64, s8, s16, s32, s64};
    return type.is_prim() && std::ranges::find(integers, type.prim()) != std::end(integers);
  }

  /// What a reviewer would ask of a function's types.
  void signature(const Function& f) {
    if (f.info.span.source == Span::no_source) return;
    contents(f);
    error_type(f);
    bools(f);
    numbers(f);
    for (const Param& param : f.params) options(param.type, param.span);
    if (f.result) options(*f.result, f.info.span);
  }

  void contents(const Function& f) {
    if (is_piecewise(f)) return;
    const auto stream = [&](Span where, const std::string& what) {
      warn(Error(rules::lint_stream, where, what)
               .help("a `stream<u8>` passes them as they come; allow `wit-lint-stream` where they "
                     "are always short"));
    };
    const bool speaks = speaks_of_contents(f.item_name());
    for (const Param& param : f.params) {
      if (is_bytes(param.type) && (speaks || speaks_of_contents(param.name)))
        stream(param.span,
               fmt::format("the parameter `{}` of `{}` is `list<u8>`", param.name, f.item_name()));
    }
    if (!f.result) return;
    const auto* result = result_of(f);
    const bool bytes =
        is_bytes(*f.result) || (result != nullptr && result->ok && is_bytes(*result->ok));
    if (bytes && speaks)
      stream(f.info.span, fmt::format("the result of `{}` is `list<u8>`", f.item_name()));
  }

  [[nodiscard]] const component::ResultType* result_of(const Function& f) const {
    if (!f.result) return nullptr;
    const ValType type = packages_.resolve_alias(*f.result);
    const auto* def =
        type.is_prim() ? nullptr : std::get_if<DefValType>(&packages_.types[type.index()].def);
    return def == nullptr ? nullptr : std::get_if<component::ResultType>(def);
  }

  void error_type(const Function& f) {
    const std::string_view docs = f.info.docs;
    const auto* result = result_of(f);
    if (result == nullptr || !result->err || docs.contains("error") || docs.contains("fail"))
      return;
    const ValType err = packages_.resolve_alias(*result->err);
    if (!err.is_prim() || err == ValType(component::PrimValType::error_context)) return;
    warn(Error(rules::lint_error, f.info.span,
               fmt::format("the error of `{}` is `{}`", f.item_name(), to_string(err.prim())))
             .help(err == ValType(component::PrimValType::string)
                       ? "an `enum` or `variant` of errors lets callers tell them apart; a text "
                         "alone wants docs that say when there is an error"
                       : "an `enum` names the errors; a number alone wants docs that say what each "
                         "error is"));
  }

  /// A caller who reads `f(true, false)` does not know what is on.
  void bools(const Function& f) {
    const component::PrimValType wanted = component::PrimValType::bool_;
    for (std::size_t at = 0; at + 1 < f.params.size(); ++at) {
      std::size_t end = at;
      while (end < f.params.size() && f.params[end].type == ValType(wanted)) ++end;
      if (end < at + 2) continue;
      warn(Error(rules::lint_bool, f.params[at].span,
                 fmt::format("`{}` and `{}` of `{}`", f.params[at].name, f.params[at + 1].name,
                             f.item_name()))
               .help(fmt::format("make them one parameter of `flags {{ {}, {} }}`, or an `enum` "
                                 "where only one can hold",
                                 f.params[at].name, f.params[at + 1].name)));
      at = end;
    }
  }

  /// Numbers whose meaning is nowhere: a handle that nothing owns, a time of unknown unit.
  void numbers(const Function& f) {
    const std::string_view docs = f.info.docs;
    for (const Param& param : f.params) {
      if (!param.type.is_prim() || !is_integer(param.type)) continue;
      if (has_word(param.name, {"handle", "fd", "descriptor"}))
        warn(Error(rules::lint_handle, param.span,
                   fmt::format("`{}` of `{}` is `{}`", param.name, f.item_name(),
                               to_string(param.type.prim())))
                 .help("a `resource` is a handle that cannot be guessed or used after its end"));
      const bool told = docs.contains("second") || docs.contains("minute") ||
                        docs.contains("tick") || docs.contains(" ms") ||
                        has_word(param.name, {"ns", "us", "ms", "secs", "seconds", "millis",
                                              "micros", "nanos", "milliseconds", "microseconds",
                                              "nanoseconds", "minutes", "hours", "days"});
      if (!told && has_word(param.name, {"timeout", "delay", "duration", "interval", "ttl"}))
        warn(Error(rules::lint_unit, param.span,
                   fmt::format("`{0}` of `{1}`", param.name, f.item_name()))
                 .help(fmt::format("say it in the name, such as `{}-ms`, or in the docs",
                                   param.name)));
    }
  }

  /// `file-open` in `file`: who calls it writes the word twice.
  void repeats(std::string_view outer, std::string_view name, Span where) {
    if (where.source == Span::no_source || name.size() <= outer.size() + 1 ||
        !name.starts_with(outer) || name[outer.size()] != '-' || is_digit(name[outer.size() + 1]))
      return;
    const std::string_view rest = name.substr(outer.size() + 1);
    // `exit-with-code` in `exit` needs the word.
    static constexpr std::string_view joins[] = {"with", "to", "from", "of", "by", "for", "in"};
    if (std::ranges::find(joins, rest.substr(0, rest.find('-'))) != std::end(joins)) return;
    warn(Error(rules::lint_name, where, fmt::format("`{}` in `{}`", name, outer))
             .help(fmt::format("bindings put `{}` in front of it: call it `{}`", outer, rest)));
  }

  /// Languages with `null` cannot tell an option of an option from an option.
  void options(ValType type, Span where) {
    if (nests_options(type)) options_found(where);
  }
  void options_found(Span where) {
    if (where.source == Span::no_source) return;
    warn(Error(rules::lint_option, where, "`option<option<…>>`")
             .help("name the cases with a `variant`: where there is `null`, both are it"));
  }
  /// Goes through what has no name, and is written at this place alone.
  [[nodiscard]] bool nests_options(ValType type) const {
    if (type.is_prim() || packages_.types[type.index()].name) return false;
    const auto* made = std::get_if<DefValType>(&packages_.types[type.index()].def);
    if (made == nullptr) return false;
    bool found = false;
    each_type(*made, [&](ValType inner) {
      found = found || (is_option(type) && is_option(inner)) || nests_options(inner);
    });
    return found;
  }
  [[nodiscard]] bool is_option(ValType type) const {
    type = packages_.resolve_alias(type);
    const auto* def =
        type.is_prim() ? nullptr : std::get_if<DefValType>(&packages_.types[type.index()].def);
    return def != nullptr && std::holds_alternative<component::Option>(*def);
  }

  void parameters(const Function& f) {
    Names names;
    for (const Param& param : f.params) collide(names, param.name, param.span, "parameter");
  }

  /// Methods of one resource; a constructor is called `new` in Rust.
  void methods(const std::vector<const Function*>& functions) {
    Names names;
    const Function* constructor = nullptr;
    const Function* named_new = nullptr;
    for (const Function* f : functions) {
      if (f->kind == FuncKind::constructor) {
        constructor = f;
        continue;
      }
      if (f->item_name() == "new") named_new = f;
      collide(names, f->plain_name(), f->info.span, "method");
    }
    if (constructor == nullptr || named_new == nullptr) return;
    warn(Error(rules::lint_collision, named_new->info.span, "the method `new` and the constructor")
             .note(constructor->info.span, "the constructor")
             .help("Rust calls a constructor `new`: give the method another name"));
  }

  /// Interfaces whose types something else of the world names.
  [[nodiscard]] std::unordered_set<InterfaceIdx> needed_in(const World& w) const {
    std::unordered_set<InterfaceIdx> out;
    for (const auto* items : {&w.imports, &w.exports}) {
      for (const WorldItem& item : *items) {
        if (const auto* interface = std::get_if<InterfaceIdx>(&item.item))
          for (const InterfaceIdx needed : interface_needs(packages_, *interface))
            out.insert(needed);
        const auto* type = std::get_if<TypeIdx>(&item.item);
        const auto* alias =
            type == nullptr ? nullptr : std::get_if<TypeAlias>(&packages_.types[*type].def);
        if (alias == nullptr || alias->target.is_prim()) continue;
        const auto* owner =
            std::get_if<InterfaceIdx>(&packages_.types[alias->target.index()].owner);
        if (owner != nullptr) out.insert(*owner);
      }
    }
    return out;
  }

  /// An import that gives types alone, which nothing in the world names.
  void idle_imports(const World& w) {
    const auto needed = needed_in(w);
    for (const WorldItem& item : w.imports) {
      const auto* idx = std::get_if<InterfaceIdx>(&item.item);
      if (idx == nullptr || item.implicit || item.info.span.source == Span::no_source) continue;
      const Interface& i = packages_.interfaces[*idx];
      const bool idle = i.name && i.functions.empty() && !i.types.empty() && !needed.contains(*idx);
      if (idle && !item.implements)
        warn(Error(rules::lint_unused, item.info.span, fmt::format("the import of `{}`", *i.name))
                 .help("it has no function, and nothing in the world names its types: remove it"));
    }
  }

  void world(const Package& p, const World& w) {
    idle_imports(w);
    for (const auto* items : {&w.imports, &w.exports}) {
      for (const WorldItem& item : *items) {
        if (item.implicit) continue;
        weaker(item.info, w.info.stability, w.info.span, item.name);
        if (const auto* f = std::get_if<Function>(&item.item);
            f != nullptr && f->info.span == item.info.span)
          signature(*f);
        const auto* interface_idx = std::get_if<InterfaceIdx>(&item.item);
        if (interface_idx != nullptr && !packages_.interfaces[*interface_idx].name)
          interface(p, packages_.interfaces[*interface_idx], item.info.stability, item.info.span);
        const auto* type = std::get_if<TypeIdx>(&item.item);
        if (type == nullptr || referenced_.contains(*type) ||
            item.info.span.source == Span::no_source)
          continue;
        const TypeDef& def = packages_.types[*type];
        if (item.info.span != def.info.span) continue;  // it came with an included world
        if (def.used)
          unused_use(def.info.span, item.name);
        else
          unused_type(*type, item.name);
      }
    }
  }

  void docs(const ItemInfo& info, const std::string& what) {
    if (info.docs.empty() && info.span.source != Span::no_source)
      warn(Error(rules::lint_docs, info.span, what)
               .help("say in a `///` comment above it what it is for"));
  }

  /// In a package that has left 0.0 and gates some of its items, an item without `@since` says
  /// nothing about when it came.
  void since(const Package& p, const ItemInfo& info, const std::string& what,
             const std::optional<std::string>& first = std::nullopt) {
    if (!p.name.version || !gates_items_ || info.span.source == Span::no_source) return;
    if (info.stability.since || info.stability.unstable_feature) return;
    const std::string gate = fmt::format("@since(version = {})", first.value_or(*p.name.version));
    warn(Error(rules::lint_since, info.span, what)
             .help(fmt::format("add `{}`, or the version that brought it", gate)),
         mender_.with_gate(info.span, gate));
  }
  /// The first `@since` inside an interface: what holds it came no later.
  std::optional<std::string> first_since(const Interface& i) const {
    std::optional<std::string> out;
    const auto look = [&](const Stability& s) {
      if (s.since && (!out || types::compare_versions(*s.since, *out) < 0)) out = s.since.copy();
    };
    for (const auto& [name, idx] : i.types) look(packages_.types[idx].info.stability);
    for (const Function& f : i.functions) look(f.info.stability);
    return out;
  }
  std::optional<std::string> first_since(const World& w) const {
    std::optional<std::string> out;
    for (const auto* items : {&w.imports, &w.exports}) {
      for (const WorldItem& item : *items) {
        const auto& s = item.info.stability.since;
        if (s && (!out || types::compare_versions(*s, *out) < 0)) out = s.copy();
      }
    }
    return out;
  }
  bool gates_items(const Package& p) const {
    return std::any_of(p.interfaces.begin(), p.interfaces.end(), [&](const auto& entry) {
      return packages_.interfaces[entry.second].info.stability.since.has_value();
    });
  }

  void unused_use(Span span, const std::string& name) {
    if (span.source == Span::no_source) return;
    warn(Error(rules::lint_unused, span, fmt::format("`{}` is brought in by `use`", name))
             .help("remove the name from the list"),
         mender_.without_use(span));
  }

  void unused_type(TypeIdx idx, const std::string& name) {
    const Span span = packages_.types[idx].info.span;
    if (referenced_.contains(idx) || span.source == Span::no_source) return;
    warn(Error(rules::lint_unused, span, fmt::format("the type `{}`", name))
             .help(
                 "no function, type or `use` in sight names it: remove it, or keep it for others"));
  }

  void note_file(Span span) {
    if (span.source < sources_.size() && !sources_.is_binary(span.source))
      files_.insert(span.source);
  }

  /// A `use` at the top of a file whose name nothing in the file takes up.
  void file(std::uint32_t source) {
    Diagnostics ignored;
    texts(lex(sources_.text(source), source, ignored));
    const ast::File file = parse(sources_.text(source), source, ignored);
    const std::set<std::string_view> named = bare_names(file);
    for (const ast::PackageItem& item : file.items) {
      const auto* use = std::get_if<ast::TopUse>(&item);
      if (use == nullptr) continue;
      const ast::Name& local = use->as ? *use->as : use->path.name;
      if (named.contains(local.text)) continue;
      warn(Error(rules::lint_unused, local.span,
                 fmt::format("`{}` is brought in by `use`", local.text))
               .help("remove the `use`"),
           mender_.without_statement(local.span));
    }
  }

  /// WIT takes a comment for one up to a line feed, and docs become comments of other languages.
  void texts(const Tokens& tokens) {
    for (const Comment& comment : tokens.comments)
      text(tokens, comment.begin, comment.end, comment.doc);
    for (const Token& token : tokens.tokens) {
      if (token.kind == TokenKind::string_literal) text(tokens, token.begin, token.end, false);
    }
  }
  /// One warning for each text, at the first such character.
  void text(const Tokens& tokens, std::uint32_t begin, std::uint32_t end, bool doc) {
    const std::string_view whole = tokens.text.substr(0, end);
    for (std::size_t at = begin; at < end;) {
      const std::size_t from = at;
      const char32_t c = next_scalar(whole, at);
      const auto next = at < tokens.text.size() ? tokens.text[at] : '\n';
      if (c == '\n' || c == '\t' || (c == '\r' && next == '\n')) continue;
      const bool joins = doc && c == '\\' && (next == '\n' || next == '\r');
      if (!joins && !is_disruptive(c)) continue;
      const Span where{tokens.source, static_cast<std::uint32_t>(from),
                       static_cast<std::uint32_t>(at)};
      warn(Error(rules::lint_text, where,
                 joins ? std::string("a backslash ends a line of docs")
                       : fmt::format("U+{:04X}", static_cast<std::uint32_t>(c)))
               .help(joins ? "C and C++ join such a line with the next one: put a word behind it"
                           : "WIT reads on in the same line, others end it or turn its direction: "
                             "remove it"));
      return;
    }
  }

  /// Spec: WIT.md "Rules for feature gate usage": what is in a gated item is gated at least as
  /// strongly.
  void weaker(const ItemInfo& inner, const Stability& outer, Span where, const std::string& name) {
    if (inner.span.source == Span::no_source) return;
    const bool none = !inner.stability.since && !inner.stability.unstable_feature;
    const bool earlier = outer.since && inner.stability.since &&
                         types::compare_versions(*inner.stability.since, *outer.since) < 0;
    const bool gated = outer.since || outer.unstable_feature;
    if (!gated || (!none && !earlier)) return;
    const std::string gate = outer.since
                                 ? fmt::format("@since(version = {})", *outer.since)
                                 : fmt::format("@unstable(feature = {})", *outer.unstable_feature);
    if (none) {
      ungated_.push_back({inner.span, where, name, gate});
      return;
    }
    warn(Error(rules::lint_gate, inner.span, fmt::format("`{}` has an earlier `@since`", name))
             .note(where, "what contains it is gated")
             .help(fmt::format("make it `{}`", gate)));
  }

  /// One warning for all that is without a gate in the same item.
  void report_ungated() {
    for (std::size_t at = 0; at < ungated_.size();) {
      const Ungated& first = ungated_[at];
      std::size_t end = at;
      while (end < ungated_.size() && ungated_[end].where == first.where) ++end;
      const std::size_t count = end - at;
      std::string names = fmt::format("`{}`", first.name);
      constexpr std::size_t most = 3;
      for (std::size_t k = 1; k < std::min(count, most); ++k)
        names += fmt::format("{}`{}`", k + 1 == count ? " and " : ", ", ungated_[at + k].name);
      if (count > most) names += fmt::format(" and {} more", count - most);
      Error error(rules::lint_gate, first.span,
                  fmt::format("{} {} no gate", names, count == 1 ? "has" : "have"));
      error = std::move(error)
                  .note(first.where,
                        count == 1 ? "what contains it is gated" : "what contains them is gated")
                  .help(fmt::format("add `{}`{}", first.gate, count == 1 ? "" : " to each"));
      for (; at < end; ++at) {
        if (auto fix = mender_.with_gate(ungated_[at].span, ungated_[at].gate))
          error = std::move(error).fix(fix->span, std::move(fix->text));
      }
      warn(std::move(error));
    }
    ungated_.clear();
  }

  /// A function whose types came later, or are not stable, than it says itself.
  void stronger_types(const Function& f) {
    const auto check = [&](ValType t) {
      if (t.is_prim()) return;
      const TypeDef& def = packages_.types[t.index()];
      const Stability& s = def.info.stability;
      const bool unstable = s.unstable_feature && !f.info.stability.unstable_feature;
      const bool later = s.since && f.info.stability.since &&
                         types::compare_versions(*s.since, *f.info.stability.since) > 0;
      if (!def.name || (!unstable && !later)) return;
      warn(Error(rules::lint_gate, f.info.span,
                 fmt::format("`{}` names `{}`, whose gate is stronger", f.item_name(), *def.name))
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
    if (fresh || it->second.first == name || span.source == Span::no_source) return;
    const std::string mine = joined(name);
    const std::string theirs = joined(it->second.first);
    warn(Error(rules::lint_collision, span,
               fmt::format("the {} `{}` and `{}`", kind, name, it->second.first))
             .note(it->second.second, "the other one")
             .help(mine == theirs
                       ? fmt::format(
                             "in languages that join words, such as Rust and C++, both are `{}`",
                             mine)
                       : fmt::format(
                             "in languages that join words they differ only in case: `{}` and `{}`",
                             mine, theirs)));
  }

  /// `foo-bar` → `FooBar`.
  static std::string joined(std::string_view name) {
    std::string out;
    bool start = true;
    for (const char c : name) {
      if (c == '-') {
        start = true;
        continue;
      }
      const bool upper = c >= 'A' && c <= 'Z';
      const bool lower_case = c >= 'a' && c <= 'z';
      out += start && lower_case ? static_cast<char>(c - 'a' + 'A')
             : !start && upper   ? static_cast<char>(c - 'A' + 'a')
                                 : c;
      start = false;
    }
    return out;
  }

  void members(const TypeDef& def) {
    const auto* made = std::get_if<DefValType>(&def.def);
    if (made == nullptr) return;
    Names names;
    each_label(*made, [&](std::size_t i, const std::string& label) {
      const Span where = i < def.member_spans.size() ? def.member_spans[i] : def.info.span;
      collide(names, label, where, "member");
      repeats(*def.name, label, where);
    });
    each_type(*made, [&](ValType type) {
      if (std::holds_alternative<component::Option>(*made) && is_option(type))
        options_found(def.info.span);
      else
        options(type, def.info.span);
    });
  }

  void refer(ValType t) {
    if (!t.is_prim()) referenced_.insert(t.index());
  }
  void refer(const Function& f) {
    for (const Param& param : f.params) refer(param.type);
    if (f.result) refer(*f.result);
  }

  /// What any type or function names. An interface's own names are its exports, so only `use`s can
  /// be idle; a `use`d name that another interface uses further is not.
  void mark_references() {
    for (std::size_t i = 0; i < packages_.interfaces.size(); ++i) {
      for (const InterfaceIdx needed : interface_needs(packages_, InterfaceIdx(i)))
        reached_.insert(needed);
    }
    for (const World& w : packages_.worlds) {
      reached_.merge(needed_in(w));
      for (const auto* items : {&w.imports, &w.exports}) {
        for (const WorldItem& item : *items) {
          if (const auto* idx = std::get_if<InterfaceIdx>(&item.item)) reached_.insert(*idx);
        }
      }
    }
    for (const TypeDef& def : packages_.types) {
      if (const auto* alias = std::get_if<TypeAlias>(&def.def)) refer(alias->target);
      const auto* made = std::get_if<DefValType>(&def.def);
      if (made == nullptr) continue;
      each_type(*made, [&](ValType t) { refer(t); });
      if (const auto* own = std::get_if<component::Own>(made)) referenced_.insert(own->resource);
      if (const auto* borrow = std::get_if<component::Borrow>(made))
        referenced_.insert(borrow->resource);
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
  const SourceSet& sources_;
  Mender mender_;
  Diagnostics& diagnostics_;
  const std::vector<std::string>& allowed_;
  struct Ungated {
    Span span;
    Span where;
    std::string name;
    std::string gate;
  };
  /// In their order, those of one item together.
  std::vector<Ungated> ungated_;
  std::unordered_set<TypeIdx> referenced_;
  /// Interfaces that a world has or a `use` names.
  std::unordered_set<InterfaceIdx> reached_;
  /// Whether the package that is looked at gates some of its items.
  bool gates_items_ = false;
  /// The files of the root packages.
  std::set<std::uint32_t> files_;
};

}  // namespace

void lint(const Packages& packages, const SourceSet& sources, Diagnostics& diagnostics,
          const std::vector<std::string>& allowed) {
  Linter(packages, sources, diagnostics, allowed).run();
}

std::vector<std::string_view> lint_rules() {
  static constexpr std::string_view all[] = {
#define TENON_RULE(name, id, spec, message, file) id,
#include "tenon/wit/rules.def"
#undef TENON_RULE
  };
  std::vector<std::string_view> out;
  std::ranges::copy_if(all, std::back_inserter(out),
                       [](std::string_view id) { return id.starts_with("wit-lint-"); });
  return out;
}

std::optional<UnknownLint> unknown_lint(const std::vector<std::string>& rules) {
  const std::vector<std::string_view> known = lint_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (std::ranges::find(known, rules[i]) != known.end()) continue;
    return UnknownLint{i, fmt::format("`{}` is not a rule of `wit lint`", rules[i]),
                       nearest(rules[i], known),
                       fmt::format("there are `{}`", fmt::join(known, "`, `"))};
  }
  return std::nullopt;
}

}  // namespace tenon::wit
