// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tenon/base/nearest.h"
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

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  out.reserve(size);
  for (const std::string_view part : parts) out += part;
  return out;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower(x) == lower(y);
         });
}

}  // namespace

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
  std::map<std::string, Span> functions;
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
    const auto entry = scope.entries.find(func->name.text);
    const auto [other, fresh] = functions.emplace(lower(func->name.text), func->name.span);
    if (!fresh || entry != scope.entries.end()) {
      diagnostics_.report(
          Error(rules::duplicate, func->name.span, fmt::format("`{}`", func->name.text))
              .note(!fresh ? other->second : entry->second.span, "also defined here"));
      ok = false;
      continue;
    }
    if (auto f = function(scope, *func, std::nullopt, {})) {
      interface.functions.push_back(std::move(*f));
    } else {
      ok = false;
    }
  }
  if (!ok) return std::nullopt;
  std::vector<TypeIdx> mine;
  for (const auto& [type_name, idx] : interface.types) mine.push_back(idx);
  const InterfaceIdx idx = out_.interfaces.push_back(std::move(interface));
  if (ast.partial) partial_interfaces_.insert(idx.value);
  for (auto& [type_name, feature] : scope.excluded)
    excluded_types_.emplace(std::pair(idx.value, type_name), feature);
  for (const TypeIdx type : mine) {
    if (type.value >= first_type) out_.types[type].owner = idx;
  }
  return idx;
}

bool Resolver::declare(TypeScope& scope, const std::string& name, TypeScope::Entry entry) {
  const auto [taken, fresh] = scope.lower_names.emplace(lower(name), name);
  if (!fresh) {
    const TypeScope::Entry& there = scope.entries.find(taken->second)->second;
    diagnostics_.report(Error(rules::duplicate, entry.span, fmt::format("`{}`", name))
                            .note(there.span, "also defined here"));
    return false;
  }
  scope.order.push_back(name);
  scope.entries.emplace(name, std::move(entry));
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
  for (const std::string& name : order_types(scope)) {
    const Span span = scope.entries.find(name)->second.span;
    static_cast<void>(type_named(scope, ast::Name{name, span}));
  }
}

/// The type of that name, defined first when that has not happened yet. Types do not contain
/// themselves.
std::optional<TypeIdx> Resolver::type_named(TypeScope& scope, const ast::Name& name) {
  const auto it = scope.entries.find(name.text);
  if (it == scope.entries.end()) {
    if (!scope.partial) diagnostics_.report(undefined_type(scope, name));
    return std::nullopt;
  }
  TypeScope::Entry& entry = it->second;
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
                 fmt::format("type `{}` stands behind the feature `{}`", name.text, off->second))
        .help(fmt::format("open it with `--features {}`", off->second));
  }
  Error report(rules::undefined, name.span, fmt::format("type `{}`", name.text));
  static constexpr std::pair<std::string_view, std::string_view> foreign[] = {
      {"int", "s32"},         {"i8", "s8"},      {"i16", "s16"},    {"i32", "s32"},
      {"i64", "s64"},         {"uint", "u32"},   {"usize", "u32"},  {"byte", "u8"},
      {"float", "f32"},       {"double", "f64"}, {"str", "string"}, {"text", "string"},
      {"boolean", "bool"},    {"vec", "list"},   {"array", "list"}, {"handle", "own"},
      {"optional", "option"}, {"dict", "map"},
  };
  for (const auto& [word, mend] : foreign) {
    if (name.text != word) continue;
    return std::move(report)
        .help(fmt::format("WIT calls it `{}`", mend))
        .fix(name.span, std::string(mend));
  }
  if (name.text == "void") return std::move(report).help("a function without a result has no `->`");
  const std::vector<std::string_view> names(scope.order.begin(), scope.order.end());
  const std::string_view meant = near(name.text, names);
  if (!meant.empty())
    return std::move(report)
        .help(fmt::format("did you mean `{}`?", meant))
        .fix(name.span, std::string(meant));
  if (diagnostics_.dropped() > 0) return report;
  const Scope& file = scopes_[scope.scope];
  for (const auto& [item_name, item] : units_[file.unit].items) {
    const auto* const* interface = std::get_if<const ast::Interface*>(&item.ast);
    if (interface == nullptr) continue;
    for (const ast::InterfaceItem& one : (*interface)->items) {
      const auto* decl = std::get_if<ast::TypeDecl>(&one);
      if (decl == nullptr || decl->name.text != name.text) continue;
      return std::move(report)
          .note(decl->name.span, "another interface defines it")
          .help(fmt::format("bring it in: `use {}.{{{}}};`", item_name, name.text));
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

void Resolver::report_type_cycle(TypeScope& scope, const std::vector<std::string>& chain,
                                 const ast::Name& closing) {
  const auto from = std::find(chain.begin(), chain.end(), closing.text);
  std::string text;
  for (auto it = from; it != chain.end(); ++it) {
    if (it - from < 8 || chain.end() - it < 8) text += *it + " → ";
    if (it - from == 8 && chain.end() - it > 8) text += "… → ";
    scope.entries.find(*it)->second.state = State::failed;
  }
  text += closing.text;
  diagnostics_.report(Error(rules::cycle, closing.span, std::move(text))
                          .note(scope.entries.find(closing.text)->second.span,
                                fmt::format("`{}` is defined here", closing.text))
                          .help("types are not recursive: break the circle with a resource, or "
                                "with an index into a list"));
}

/// Names in an order in which each comes after those that it needs, without native recursion.
std::vector<std::string> Resolver::order_types(TypeScope& scope) {
  std::vector<std::string> out;
  std::map<std::string, State, std::less<>> state;
  std::vector<std::string> chain;
  std::vector<std::pair<std::vector<ast::Name>, std::size_t>> frames;
  const auto push = [&](const std::string& name) {
    std::vector<ast::Name> needs;
    const auto& entry = scope.entries.find(name)->second;
    if (const auto* decl = std::get_if<const ast::TypeDecl*>(&entry.ast)) {
      const auto visit = [&](const ast::Name& n) {
        if (scope.entries.contains(n.text)) needs.push_back(n);
      };
      each_name((*decl)->alias, visit);
      for (const ast::Member& member : (*decl)->members) {
        if (member.type) each_name(*member.type, visit);
      }
    }
    state[name] = State::active;
    chain.push_back(name);
    frames.emplace_back(std::move(needs), 0);
  };
  for (const std::string& start : scope.order) {
    if (state[start] == State::untouched) push(start);
    while (!frames.empty()) {
      auto& [needs, next] = frames.back();
      if (next == needs.size()) {
        state[chain.back()] = State::done;
        out.push_back(std::move(chain.back()));
        chain.pop_back();
        frames.pop_back();
        continue;
      }
      const ast::Name needed = needs[next++];
      const State at = state[needed.text];
      if (at == State::untouched) push(needed.text);
      if (at == State::active && scope.entries.find(needed.text)->second.state != State::failed)
        report_type_cycle(scope, chain, needed);
    }
  }
  return out;
}

std::optional<TypeIdx> Resolver::exported_type(InterfaceIdx interface, const std::string& name) {
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
  if (const auto off = excluded_types_.find({interface.value, name.text});
      off != excluded_types_.end()) {
    diagnostics_.report(
        Error(rules::feature_off, name.span,
              fmt::format("type `{}` stands behind the feature `{}`", name.text, off->second))
            .help(fmt::format("open it with `--features {}`", off->second)));
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
  TypeDef def;
  def.name = name.local().text;
  def.def = TypeAlias{*target};
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
      def.def = TypeAlias{*target};
    } else {
      const auto target = val_type(scope, decl.alias);
      if (!target) return std::nullopt;
      if (target->is_prim()) {
        def.def = TypeAlias{*target};
      } else {  // the structure itself bears the name
        def.def = out_.types[target->index()].def;
      }
    }
  } else {
    auto made = structure(scope, decl);
    if (!made) return std::nullopt;
    def.def = std::move(*made);
  }
  return out_.types.push_back(std::move(def));
}

bool Resolver::unique_members(const std::vector<ast::Member>& members) {
  std::map<std::string, Span> seen;
  bool ok = true;
  for (const ast::Member& member : members) {
    const auto [it, fresh] = seen.emplace(lower(member.name.text), member.name.span);
    if (fresh) continue;
    diagnostics_.report(
        Error(rules::duplicate, member.name.span, fmt::format("`{}`", member.name.text))
            .note(it->second, "also defined here"));
    ok = false;
  }
  return ok;
}

std::optional<DefValType> Resolver::structure(TypeScope& scope, const ast::TypeDecl& decl) {
  using Kind = ast::TypeDecl::Kind;
  bool ok = unique_members(decl.members);
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
      record.fields.push_back({member.name.text, *type});
    } else if (decl.kind == Kind::variant) {
      variant.cases.push_back({member.name.text, type});
    } else {
      labels.push_back(member.name.text);
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
        Error(rules::wrong_kind, name.span, fmt::format("`{}` is no resource", name.text))
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
      return anonymous(component::List{args[0], type.length});
    case Kind::option:
      return anonymous(component::Option{args[0]});
    case Kind::tuple:
      return anonymous(component::Tuple{std::move(args)});
    case Kind::map:
      if (!is_key_type(out_.resolve_alias(args[0]))) {
        diagnostics_.report(
            Error(rules::type_rule, type.args[0].span,
                  "found another key of a map, wanted an integer, bool, char or string"));
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

/// What a type contains stands before it, so that each is looked at once.
bool Resolver::contains_borrow(ValType type) {
  if (type.is_prim()) return false;
  for (std::size_t i = borrows_.size(); i < out_.types.size(); ++i) {
    const auto& def = out_.types[TypeIdx(i)].def;
    bool found = false;
    const auto look = [&](ValType t) { found = found || (!t.is_prim() && borrows_[t.index().value]); };
    if (const auto* alias = std::get_if<TypeAlias>(&def)) look(alias->target);
    if (const auto* made = std::get_if<DefValType>(&def)) {
      found = std::holds_alternative<component::Borrow>(*made);
      each_type(*made, look);
    }
    borrows_.push_back(found);
  }
  return borrows_[type.index().value];
}

/// The names of parameters differ in more than case; a method has one called `self`.
bool Resolver::unique_params(const ast::Func& ast, bool method) {
  const auto twice = [&](const ast::Name& name, Span other) {
    diagnostics_.report(
        Error(rules::duplicate, name.span, fmt::format("the parameter `{}`", name.text))
            .note(other, "also defined here"));
  };
  bool ok = true;
  constexpr std::size_t few = 8;
  if (ast.params.size() <= few) {
    for (std::size_t i = 0; i < ast.params.size(); ++i) {
      const ast::Name& name = ast.params[i].name;
      Span other = Span::none();
      if (method && same_name(name.text, "self")) other = ast.name.span;
      for (std::size_t k = 0; k < i && other == Span::none(); ++k) {
        if (same_name(name.text, ast.params[k].name.text)) other = ast.params[k].name.span;
      }
      if (other == Span::none()) continue;
      twice(name, other);
      ok = false;
    }
    return ok;
  }
  std::unordered_map<std::string, Span> seen;
  if (method) seen.emplace("self", ast.name.span);
  for (const ast::Param& param : ast.params) {
    const auto [it, fresh] = seen.emplace(lower(param.name.text), param.name.span);
    if (fresh) continue;
    twice(param.name, it->second);
    ok = false;
  }
  return ok;
}

/// Spec: WIT.md "WIT Functions", "Item: `resource`".
std::optional<Function> Resolver::function(TypeScope& scope, const ast::Func& ast,
                                           std::optional<TypeIdx> resource,
                                           std::string_view resource_name) {
  Function out;
  out.kind = resource ? ast.kind : FuncKind::freestanding;
  out.async_ = ast.async_;
  out.info = ast.attributes.info;
  switch (out.kind) {
    case FuncKind::freestanding:
      out.name = ast.name.text;
      break;
    case FuncKind::method:
      out.name = joined({"[method]", resource_name, ".", ast.name.text});
      break;
    case FuncKind::static_:
      out.name = joined({"[static]", resource_name, ".", ast.name.text});
      break;
    case FuncKind::constructor:
      out.name = joined({"[constructor]", resource_name});
      break;
  }
  if (resource) out.resource = *resource;
  out.params.reserve(ast.params.size() + 1);
  if (out.kind == FuncKind::method)
    out.params.push_back({"self", anonymous(component::Borrow{*resource}), ast.name.span});
  bool ok = unique_params(ast, out.kind == FuncKind::method);
  for (const ast::Param& param : ast.params) {
    const auto type = val_type(scope, param.type);
    if (!type) {
      ok = false;
      continue;
    }
    out.params.push_back({param.name.text, *type, param.name.span});
  }
  if (ast.result) {
    out.result = val_type(scope, *ast.result);
    if (!out.result) return std::nullopt;
    if (contains_borrow(*out.result)) {
      diagnostics_.report(Error(rules::type_rule, ast.result->span,
                                "found a `borrow` in a result, wanted an owned resource"));
      return std::nullopt;
    }
  }
  if (!ok) return std::nullopt;
  if (out.kind == FuncKind::constructor) {
    if (!out.result) {
      out.result = own_of(*resource);
    } else if (!check_constructor(out, ast, *resource)) {
      return std::nullopt;
    }
  }
  return out;
}

/// A constructor gives the resource, or a result of it. Spec: Binary.md "Import and Export
/// Definitions".
bool Resolver::check_constructor(const Function& func, const ast::Func& ast, TypeIdx resource) {
  const auto is_own = [&](ValType type) {
    type = out_.resolve_alias(type);
    if (type.is_prim()) return false;
    const auto* def = std::get_if<DefValType>(&out_.types[type.index()].def);
    const auto* own = def == nullptr ? nullptr : std::get_if<component::Own>(def);
    return own != nullptr && out_.resolve_alias(own->resource) == resource;
  };
  if (is_own(*func.result)) return true;
  const ValType type = out_.resolve_alias(*func.result);
  if (!type.is_prim()) {
    const auto* def = std::get_if<DefValType>(&out_.types[type.index()].def);
    const auto* result = def == nullptr ? nullptr : std::get_if<component::ResultType>(def);
    if (result != nullptr && result->ok && is_own(*result->ok)) return true;
  }
  diagnostics_.report(
      Error(rules::type_rule, ast.result->span,
            "found another result of a constructor, wanted the resource or a `result` of it"));
  return false;
}

void Resolver::methods(TypeScope& scope, const ast::TypeDecl& decl, std::vector<Function>& out) {
  const auto entry = scope.entries.find(decl.name.text);
  if (decl.kind != ast::TypeDecl::Kind::resource || entry == scope.entries.end() ||
      entry->second.state != State::done)
    return;
  std::map<std::string, Span> seen;
  bool has_constructor = false;
  for (const ast::Func& method : decl.methods) {
    if (!keep(method.attributes, scopes_[scope.scope].unit)) continue;
    const bool is_constructor = method.kind == FuncKind::constructor;
    const auto [it, fresh] = seen.emplace(
        is_constructor ? std::string(" constructor") : lower(method.name.text), method.name.span);
    if (!fresh || (is_constructor && has_constructor) ||
        (!is_constructor && lower(method.name.text) == lower(decl.name.text))) {
      diagnostics_.report(
          Error(rules::duplicate, method.name.span,
                is_constructor ? "a constructor" : fmt::format("`{}`", method.name.text))
              .note(fresh ? decl.name.span : it->second, "also defined here"));
      continue;
    }
    has_constructor = has_constructor || is_constructor;
    if (auto f = function(scope, method, entry->second.type, decl.name.text))
      out.push_back(std::move(*f));
  }
}

}  // namespace tenon::wit
