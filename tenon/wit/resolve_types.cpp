// SPDX-License-Identifier: Apache-2.0
// Types are ordered by their dependencies before they are defined, so that a type's parts always
// have smaller indices; other passes rely on that. Names of other languages' types are recognised
// to say what WIT calls them.
// Spec: WIT.md "Types"
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tenon/base/nearest.h"
#include "tenon/component/limits.h"
#include "tenon/wit/meant.h"
#include "tenon/wit/parse.h"
#include "tenon/wit/resolver.h"
#include "tenon/wit/rules.h"

namespace tenon::wit {
namespace {

using component::PrimValType;

bool is_key_type(ValType type) {
  if (!type.is_prim()) return false;
  const PrimValType p = type.prim();
  return p != PrimValType::f32 && p != PrimValType::f64 && p != PrimValType::error_context;
}

/// A type as a message shows it: what is deeper than lists is left out.
std::string written(const ast::Type& type) {
  if (type.kind == ast::Type::Kind::prim) return std::string(component::to_string(type.prim));
  if (type.kind == ast::Type::Kind::name) return std::string(type.name.text);
  const bool list = type.kind == ast::Type::Kind::list && type.args.size() == 1;
  const bool flat = list && (type.args[0].kind == ast::Type::Kind::prim ||
                             type.args[0].kind == ast::Type::Kind::name);
  return flat ? fmt::format("list<{}>", written(type.args[0])) : std::string("…");
}

/// Where the first member of that name, but for case, is.
Span member_span(const std::vector<ast::Member>& members, std::string_view name) {
  const auto it = std::find_if(members.begin(), members.end(),
                               [&](const ast::Member& m) { return same_name(m.name.text, name); });
  return it->name.span;
}

}  // namespace

/// Makes room at once for what an interface has.
void Resolver::reserve(const ast::Interface& ast, TypeScope& scope, Interface& out) {
  std::size_t types = 0;
  std::size_t functions = 0;
  for (const ast::InterfaceItem& item : ast.items) {
    if (const auto* use = std::get_if<ast::Use>(&item)) {
      types += use->names.size();
    } else if (const auto* decl = std::get_if<ast::TypeDecl>(&item)) {
      ++types;
      functions += decl->methods.size();
    } else {
      ++functions;
    }
  }
  scope.entries.reserve(types);
  scope.names.reserve(types);
  out.types.reserve(types);
  out.functions.reserve(functions);
}

/// Spec: WIT.md "Item: `interface`".
std::optional<InterfaceIdx> Resolver::resolve_interface(UnitIdx unit, ScopeIdx scope_idx,
                                                        const ast::Interface& ast,
                                                        std::optional<std::string> name) {
  Interface interface;
  interface.name = std::move(name);
  interface.package = units_[unit].package;
  interface.info = ast.attributes.info;
  // The index is taken when all is done, so that what is used comes first; owners are set
  // afterwards.
  TypeScope scope;
  scope.scope = scope_idx;
  scope.partial = ast.partial;
  scope.types = &interface.types;
  const std::size_t first_type = out_.types.size();
  // A setter shares its getter's name.
  NameTable functions;
  NameTable setters;
  std::vector<Span> function_spans;
  std::vector<Span> setter_spans;
  reserve(ast, scope, interface);
  bool ok = true;
  for (const ast::InterfaceItem& item : ast.items) {
    if (const auto* use = std::get_if<ast::Use>(&item)) {
      ok = declare_use(scope, *use) && ok;
    } else if (const auto* decl = std::get_if<ast::TypeDecl>(&item)) {
      if (keep(decl->attributes, scope, decl->name.text))
        ok = declare(scope, decl->name.text, {decl, nullptr, decl->name.span, {}, {}}) && ok;
    }
  }
  resolve_types(scope);
  for (const ast::InterfaceItem& item : ast.items) {
    if (const auto* decl = std::get_if<ast::TypeDecl>(&item)) {
      if (keep(decl->attributes, unit)) methods(scope, *decl, interface.functions);
      continue;
    }
    const auto* func = std::get_if<ast::Func>(&item);
    if (func == nullptr || !keep(func->attributes, unit)) continue;
    const bool setter = func->accessor == Accessor::set;
    NameTable& names = setter ? setters : functions;
    std::vector<Span>& spans = setter ? setter_spans : function_spans;
    const auto entry = setter ? std::nullopt : scope.names.find_same(func->name.text);
    const auto [other, fresh] = names.insert(func->name.text);
    if (fresh) spans.push_back(func->name.span);
    if (!fresh || entry) {
      diagnostics_.report(
          Error(rules::duplicate, func->name.span,
                same_as(func->name.text, !fresh ? names[other] : scope.names[*entry]))
              .note(!fresh ? spans[other] : scope.entries[*entry].span, "also defined here"));
      ok = false;
      continue;
    }
    if (auto f = function(scope, *func, std::nullopt, {})) {
      interface.functions.push_back(std::move(*f));
    } else {
      ok = false;
    }
  }
  ok = pair_accessors(interface.functions, ok && !ast.partial) && ok;
  const InterfaceIdx idx = out_.interfaces.push_back(std::move(interface));
  if (ast.partial) partial_interfaces_.insert(idx.value);
  for (auto& [type_name, feature] : scope.excluded)
    excluded_types_.emplace(std::pair(idx.value, type_name), feature);
  for (const auto& [type_name, type] : out_.interfaces[idx].types) {
    if (type.value >= first_type) out_.types[type].owner = idx;
  }
  if (!ok) return std::nullopt;
  check_gates(unit, out_.interfaces[idx]);
  return idx;
}

bool Resolver::declare(TypeScope& scope, std::string_view name, TypeScope::Entry entry) {
  const auto [number, fresh] = scope.names.insert(name);
  if (!fresh) {
    diagnostics_.report(Error(rules::duplicate, entry.span, same_as(name, scope.names[number]))
                            .note(scope.entries[number].span, "also defined here"));
    return false;
  }
  scope.entries.push_back(entry);
  return true;
}

bool Resolver::declare_use(TypeScope& scope, const ast::Use& use) {
  bool ok = true;
  for (const ast::UseName& name : use.names) {
    const ast::Name& local = name.local();
    if (!keep(use.attributes, scope, local.text)) continue;
    ok = declare(scope, local.text, {&name, &use, local.span, {}, {}}) && ok;
  }
  return ok;
}

void Resolver::resolve_types(TypeScope& scope) {
  for (const std::uint32_t number : order_types(scope)) {
    const ast::Name name{scope.names[number], scope.entries[number].span};
    static_cast<void>(type_at(scope, number, name));
  }
}

/// The type of that name, defined first when that has not happened yet. Types do not contain
/// themselves.
std::optional<TypeIdx> Resolver::type_named(TypeScope& scope, const ast::Name& name) {
  if (const auto number = scope.names.find(name.text)) {
    refer(name.span, scope.entries[*number].span);
    return type_at(scope, *number, name);
  }
  if (!scope.partial || old_type(name.text, name.span))
    diagnostics_.report(undefined_type(scope, name));
  return std::nullopt;
}

std::optional<TypeIdx> Resolver::type_at(TypeScope& scope, std::uint32_t number,
                                         const ast::Name& name) {
  TypeScope::Entry& entry = scope.entries[number];
  if (entry.state == State::done) return entry.type;
  if (entry.state == State::failed) return std::nullopt;
  if (entry.state == State::active || depth_ >= 500) {
    diagnostics_.report(
        Error(rules::cycle, name.span, fmt::format("type `{}` contains itself", name.text))
            .note(entry.span, "defined here")
            .help("types are not recursive: break the circle with a resource, or with an index "
                  "into a list"));
    entry.state = State::failed;
    return std::nullopt;
  }
  entry.state = State::active;
  ++depth_;
  const auto* decl = std::get_if<const ast::TypeDecl*>(&entry.ast);
  const auto type = decl != nullptr ? define_type(scope, **decl) : use_type(scope, entry);
  --depth_;
  if (!type) {
    entry.state = State::failed;
    return std::nullopt;
  }
  entry.state = State::done;
  entry.type = *type;
  scope.types->emplace_back(name.text, *type);
  return type;
}

/// What the writer may have meant: a near name, a type of another language, one whose feature is
/// off.
Error Resolver::undefined_type(const TypeScope& scope, const ast::Name& name) const {
  if (const auto off = scope.excluded.find(name.text); off != scope.excluded.end()) {
    return Error(rules::feature_off, name.span,
                 fmt::format("type `{}` is behind the feature `{}`", name.text, off->second))
        .help(fmt::format("open it with {}", options_.opener_of(off->second)));
  }
  if (auto old = old_type(name.text, name.span)) {
    const auto mend = old_mends_.find({name.span.source, name.span.begin});
    if (mend == old_mends_.end()) return std::move(*old);
    return std::move(*old).fix(mend->second.span, mend->second.text);
  }
  Error report(rules::undefined, name.span, fmt::format("type `{}`", name.text));
  // `String` is told as `string` is.
  const std::string own = to_kebab(name.text);
  if (own != name.text && is_keyword_text(own)) {
    return std::move(report).help(fmt::format("WIT calls it `{}`", own)).fix(name.span, own);
  }
  if (const std::string_view mend = meant_word(name.text); !mend.empty())
    return std::move(report)
        .help(fmt::format("WIT calls it `{}`", mend))
        .fix(name.span, std::string(mend));
  if (const std::string_view help = absent_type(name.text); !help.empty())
    return std::move(report).help(std::string(help));
  if (name.text == "void") {
    const auto mend = old_mends_.find({name.span.source, name.span.begin});
    const bool in_result = mend != old_mends_.end() && mend->second.text == "_";
    const bool known = mend != old_mends_.end();
    report = std::move(report).help(in_result ? "a result without a value is `result<_, …>`"
                                    : known   ? "a function without a result has no `->`"
                                              : "no value is `void`: leave it out, or write the "
                                                "type that is meant");
    if (mend != old_mends_.end())
      report = std::move(report).fix(mend->second.span, mend->second.text);
    return report;
  }
  const std::string_view meant = near(name.text, scope.names.names());
  if (!meant.empty())
    return std::move(report)
        .help(fmt::format("did you mean `{}`?", meant))
        .fix(name.span, std::string(meant));
  if (diagnostics_.dropped() > 0) return report;
  const Scope& file = scopes_[scope.scope];
  for (const Item& item : units_[file.unit].items) {
    const auto* const* interface = std::get_if<const ast::Interface*>(&item.ast);
    if (interface == nullptr) continue;
    for (const ast::InterfaceItem& one : (*interface)->items) {
      const auto* decl = std::get_if<ast::TypeDecl>(&one);
      if (decl == nullptr || decl->name.text != name.text) continue;
      return std::move(report)
          .note(decl->name.span, "another interface defines it")
          .help(fmt::format("bring it in: `use {}.{{{}}};`", item.name().text, name.text));
    }
  }
  return report;
}

namespace {

/// Calls `visit` for each name in a type. Types are at most 100 deep.
template <class Visit>
void each_name(const ast::Type& type, const Visit& visit) {
  using Kind = ast::Type::Kind;
  if (type.kind == Kind::name || type.kind == Kind::own || type.kind == Kind::borrow)
    visit(type.name);
  for (const ast::Type& arg : type.args) each_name(arg, visit);
}

}  // namespace

void Resolver::report_type_cycle(TypeScope& scope, const std::vector<std::uint32_t>& chain,
                                 const ast::Name& closing) {
  const std::uint32_t closed = *scope.names.find(closing.text);
  const auto from = std::find(chain.begin(), chain.end(), closed);
  std::string text;
  for (auto it = from; it != chain.end(); ++it) {
    if (it - from < 8 || chain.end() - it < 8) (text += scope.names[*it]) += " → ";
    if (it - from == 8 && chain.end() - it > 8) text += "… → ";
    scope.entries[*it].state = State::failed;
  }
  text += closing.text;
  diagnostics_.report(
      Error(rules::cycle, closing.span, std::move(text))
          .note(scope.entries[closed].span, fmt::format("`{}` is defined here", closing.text))
          .help("types are not recursive: break the circle with a resource, or "
                "with an index into a list"));
}

/// Types by number in an order in which each comes after those that it needs, without native
/// recursion.
std::vector<std::uint32_t> Resolver::order_types(TypeScope& scope) {
  struct Need {
    std::uint32_t number;
    const ast::Name* name;
  };
  std::vector<std::uint32_t> out;
  out.reserve(scope.entries.size());
  std::vector<State> states(scope.entries.size());
  std::vector<std::uint32_t> chain;
  // What the types of the chain need, one behind the other, and where those of each begin.
  std::vector<Need> needs;
  std::vector<std::size_t> begins;
  const auto push = [&](std::uint32_t number) {
    begins.push_back(needs.size());
    if (const auto* decl = std::get_if<const ast::TypeDecl*>(&scope.entries[number].ast)) {
      const auto visit = [&](const ast::Name& n) {
        if (const auto needed = scope.names.find(n.text)) needs.push_back({*needed, &n});
      };
      each_name((*decl)->alias, visit);
      for (const ast::Member& member : (*decl)->members) {
        if (member.type) each_name(*member.type, visit);
      }
      // They are taken from behind.
      std::reverse(needs.begin() + static_cast<std::ptrdiff_t>(begins.back()), needs.end());
    }
    states[number] = State::active;
    chain.push_back(number);
  };
  for (std::uint32_t start = 0; start < scope.entries.size(); ++start) {
    if (states[start] == State::untouched) push(start);
    while (!chain.empty()) {
      if (needs.size() == begins.back()) {
        states[chain.back()] = State::done;
        out.push_back(chain.back());
        chain.pop_back();
        begins.pop_back();
        continue;
      }
      const Need need = needs.back();
      needs.pop_back();
      const State at = states[need.number];
      if (at == State::untouched) push(need.number);
      if (at == State::active && scope.entries[need.number].state != State::failed)
        report_type_cycle(scope, chain, *need.name);
    }
  }
  return out;
}

std::optional<TypeIdx> Resolver::exported_type(InterfaceIdx interface, std::string_view name) {
  constexpr std::size_t few = 32;
  const auto& types = out_.interfaces[interface].types;
  if (types.size() <= few) {
    const auto it =
        std::find_if(types.begin(), types.end(), [&](const auto& t) { return t.first == name; });
    return it == types.end() ? std::nullopt : std::optional(it->second);
  }
  auto& index = type_index_[interface.value];
  if (index.empty()) index.insert(types.begin(), types.end());
  const auto it = index.find(name);
  return it == index.end() ? std::nullopt : std::optional(it->second);
}

std::string_view Resolver::near(std::string_view name,
                                const std::vector<std::string_view>& names) const {
  constexpr std::size_t most = 5000;
  return diagnostics_.dropped() > 0 || names.size() > most ? std::string_view()
                                                           : nearest(name, names);
}

/// A `use` of a type that the interface does not have.
void Resolver::report_missing_type(const ast::Name& name, InterfaceIdx interface) {
  if (partial_interfaces_.contains(interface.value)) return;
  const Interface& from = out_.interfaces[interface];
  if (const auto off = excluded_types_.find({interface.value, std::string(name.text)});
      off != excluded_types_.end()) {
    diagnostics_.report(
        Error(rules::feature_off, name.span,
              fmt::format("type `{}` is behind the feature `{}`", name.text, off->second))
            .help(fmt::format("open it with {}", options_.opener_of(off->second))));
    return;
  }
  const bool is_func = std::any_of(from.functions.begin(), from.functions.end(),
                                   [&](const Function& f) { return f.name == name.text; });
  std::vector<std::string_view> names;
  for (const auto& [type_name, idx] : from.types) names.push_back(type_name);
  const std::string_view meant = near(name.text, names);
  std::string detail = is_func
                           ? fmt::format("`{}` is a function, wanted a type", name.text)
                           : fmt::format("type `{}` in `{}`", name.text, from.name.value_or(""));
  Error report = Error(is_func ? rules::wrong_kind : rules::undefined, name.span, std::move(detail))
                     .note(from.info.span, "looked for in this interface");
  if (!meant.empty())
    report = std::move(report)
                 .help(fmt::format("did you mean `{}`?", meant))
                 .fix(name.span, std::string(meant));
  diagnostics_.report(std::move(report));
}

/// Spec: WIT.md "Item: `use`".
std::optional<TypeIdx> Resolver::use_type(TypeScope& scope, const TypeScope::Entry& entry) {
  const ast::UseName& name = *std::get<const ast::UseName*>(entry.ast);
  const auto interface = find_interface(scope.scope, entry.use->path);
  if (!interface) return std::nullopt;
  const auto target = exported_type(*interface, name.name.text);
  if (!target) {
    report_missing_type(name.name, *interface);
    return std::nullopt;
  }
  refer(name.name.span, out_.types[*target].info.span);
  TypeDef def;
  def.name = name.local().text;
  def.def = out_.alias_of(*target);
  def.owner = scope.owner;
  def.info = entry.use->attributes.info;
  def.info.span = name.local().span;
  def.used = true;
  return out_.types.push_back(std::move(def));
}

/// Spec: WIT.md "Items: type".
std::optional<TypeIdx> Resolver::define_type(TypeScope& scope, const ast::TypeDecl& decl) {
  TypeDef def;
  def.name = decl.name.text;
  def.owner = scope.owner;
  def.info = decl.attributes.info;
  def.member_docs.reserve(decl.members.size());
  def.member_spans.reserve(decl.members.size());
  for (const ast::Member& member : decl.members) {
    def.member_docs.push_back(member.docs);
    def.member_spans.push_back(member.name.span);
  }
  if (decl.kind == ast::TypeDecl::Kind::resource) {
    def.def = Resource{};
  } else if (decl.kind == ast::TypeDecl::Kind::alias) {
    if (decl.alias.kind == ast::Type::Kind::name) {
      const auto target = type_named(scope, decl.alias.name);
      if (!target) return std::nullopt;
      def.def = out_.alias_of(*target);
    } else {
      const auto target = val_type(scope, decl.alias);
      if (!target) return std::nullopt;
      if (target->is_prim()) {
        def.def = out_.alias_of(*target);
      } else {  // the structure itself has the name
        def.def = out_.types[target->index()].def;
      }
    }
  } else {
    auto made = structure(scope, decl);
    if (!made) return std::nullopt;
    def.def = std::move(*made);
  }
  if (const auto* made = std::get_if<DefValType>(&def.def);
      made != nullptr && !fits(measure(*made), decl.name.span, decl.name.text))
    return std::nullopt;
  return out_.types.push_back(std::move(def));
}

bool Resolver::unique_members(const std::vector<ast::Member>& members) {
  NameTable seen;
  bool ok = true;
  for (const ast::Member& member : members) {
    const auto [number, fresh] = seen.insert(member.name.text);
    if (fresh) continue;
    diagnostics_.report(
        Error(rules::duplicate, member.name.span, same_as(member.name.text, seen[number]))
            .note(member_span(members, seen[number]), "also defined here"));
    ok = false;
  }
  return ok;
}

std::optional<DefValType> Resolver::structure(TypeScope& scope, const ast::TypeDecl& decl) {
  using Kind = ast::TypeDecl::Kind;
  bool ok = unique_members(decl.members);
  if (decl.members.size() > component::limits::members) {
    diagnostics_.report(too_many(decl.members[component::limits::members].name.span, decl.name.text,
                                 decl.members.size(), component::limits::members,
                                 decl.kind == Kind::record ? "fields" : "cases"));
    ok = false;
  }
  component::Record record;
  component::Variant variant;
  std::vector<std::string> labels;
  for (const ast::Member& member : decl.members) {
    std::optional<ValType> type;
    if (member.type) {
      type = val_type(scope, *member.type);
      if (!type) {
        ok = false;
        continue;
      }
    }
    if (decl.kind == Kind::record) {
      record.fields.push_back({std::string(member.name.text), *type});
    } else if (decl.kind == Kind::variant) {
      variant.cases.push_back({std::string(member.name.text), type});
    } else {
      labels.emplace_back(member.name.text);
    }
  }
  if (!ok) return std::nullopt;
  if (decl.kind == Kind::record) return record;
  if (decl.kind == Kind::variant) return variant;
  if (decl.kind == Kind::enum_) return component::Enum{std::move(labels)};
  return component::Flags{std::move(labels)};
}

ValType Resolver::anonymous(DefValType def) {
  TypeDef out;
  out.def = std::move(def);
  return out_.types.push_back(std::move(out));
}

ValType Resolver::own_of(TypeIdx resource) {
  return anonymous(component::Own{resource});
}

std::optional<TypeIdx> Resolver::resource_named(TypeScope& scope, const ast::Name& name) {
  const auto type = type_named(scope, name);
  if (!type) return std::nullopt;
  const TypeDef& def = out_.types[out_.resolve_alias(*type)];
  if (!std::holds_alternative<Resource>(def.def)) {
    diagnostics_.report(
        Error(rules::wrong_kind, name.span, fmt::format("`{}` is not a resource", name.text))
            .note(def.info.span, "defined here"));
    return std::nullopt;
  }
  return type;
}

std::optional<ValType> Resolver::val_type(TypeScope& scope, const ast::Type& type) {
  using Kind = ast::Type::Kind;
  switch (type.kind) {
    case Kind::prim:
      return ValType(type.prim);
    case Kind::name: {
      const auto idx = type_named(scope, type.name);
      if (!idx) return std::nullopt;
      const TypeDef& def = out_.types[out_.resolve_alias(*idx)];
      if (std::holds_alternative<Resource>(def.def)) return own_of(*idx);
      return ValType(*idx);
    }
    case Kind::own:
    case Kind::borrow: {
      const auto idx = resource_named(scope, type.name);
      if (!idx) return std::nullopt;
      return type.kind == Kind::own ? own_of(*idx) : anonymous(component::Borrow{*idx});
    }
    case Kind::list:
    case Kind::fixed_list:
    case Kind::map:
    case Kind::option:
    case Kind::result:
    case Kind::tuple:
    case Kind::stream:
    case Kind::future:
      return compound_type(scope, type);
  }
  return std::nullopt;
}

std::optional<ValType> Resolver::compound_type(TypeScope& scope, const ast::Type& type) {
  using Kind = ast::Type::Kind;
  std::vector<ValType> args;
  for (const ast::Type& arg : type.args) {
    const auto t = val_type(scope, arg);
    if (!t) return std::nullopt;
    args.push_back(*t);
  }
  const auto optional_arg = [&] {
    return args.empty() ? std::nullopt : std::optional<ValType>(args[0]);
  };
  switch (type.kind) {
    case Kind::list:
      return anonymous(component::List{args[0], std::nullopt});
    case Kind::fixed_list:
      if (type.length == 0) return std::nullopt;  // reported where it was read
      return anonymous(component::List{args[0], type.length});
    case Kind::option:
      return anonymous(component::Option{args[0]});
    case Kind::tuple:
      if (args.size() > component::limits::members) {
        diagnostics_.report(
            too_many(type.span, "tuple", args.size(), component::limits::members, "types"));
        return std::nullopt;
      }
      return anonymous(component::Tuple{std::move(args)});
    case Kind::map:
      if (!is_key_type(out_.resolve_alias(args[0]))) {
        diagnostics_.report(
            Error(rules::type_rule, type.args[0].span,
                  "found another key of a map, wanted an integer, bool, char or string")
                .help(fmt::format("write pairs: `list<tuple<{}, {}>>`", written(type.args[0]),
                                  written(type.args[1]))));
        return std::nullopt;
      }
      return anonymous(component::Map{args[0], args[1]});
    case Kind::result: {
      component::ResultType result;
      if (type.has_ok) result.ok = args[0];
      if (type.has_err) result.err = args.back();
      return anonymous(result);
    }
    case Kind::stream:
    case Kind::future:
      if (!args.empty() && !check_element(args[0], type.args[0], type.kind == Kind::stream))
        return std::nullopt;
      if (type.kind == Kind::stream) return anonymous(component::Stream{optional_arg()});
      return anonymous(component::Future{optional_arg()});
    case Kind::prim:
    case Kind::name:
    case Kind::own:
    case Kind::borrow:
      break;
  }
  return std::nullopt;
}

/// Spec: Binary.md "Type Definitions" (stream, future).
bool Resolver::check_element(ValType element, const ast::Type& type, bool is_stream) {
  if (contains_borrow(element)) {
    diagnostics_.report(
        Error(rules::type_rule, type.span,
              "found a `borrow` in a stream or future, wanted values that outlive the call"));
    return false;
  }
  const ValType target = out_.resolve_alias(element);
  if (is_stream && target.is_prim() && target.prim() == PrimValType::char_) {
    diagnostics_.report(Error(rules::type_rule, type.span,
                              "found `stream<char>`, which the specification does not allow yet")
                            .help("send UTF-8 as `stream<u8>`"));
    return false;
  }
  return true;
}

/// What a type contains is before it, so that each is looked at once.
bool Resolver::contains_borrow(ValType type) {
  if (type.is_prim()) return false;
  for (std::size_t i = borrows_.size(); i < out_.types.size(); ++i) {
    const auto& def = out_.types[TypeIdx(i)].def;
    bool found = false;
    const auto look = [&](ValType t) {
      found = found || (!t.is_prim() && borrows_[t.index().value]);
    };
    if (const auto* alias = std::get_if<TypeAlias>(&def)) look(alias->target);
    if (const auto* made = std::get_if<DefValType>(&def)) {
      found = std::holds_alternative<component::Borrow>(*made);
      each_type(*made, look);
    }
    borrows_.push_back(found);
  }
  return borrows_[type.index().value];
}

}  // namespace tenon::wit
